import { isDeepStrictEqual } from "node:util";
import type { PoolConfig } from "../connection-options.ts";
import type { ControlTime } from "../control-time.ts";
import type { Found } from "../members.ts";
import type { DiscoveryEventSink } from "./discovery-event.ts";
import type { AskDns } from "./dns-answer.ts";
import type { DnsClientOptions } from "./dns-client.ts";
import { DnsSource } from "./dns-source.ts";
import type { FoundBy, Source, SourceSink } from "./source.ts";

type DiscoveryConfig = NonNullable<PoolConfig["discovery"]>;
type Settings = NonNullable<DiscoveryConfig[FoundBy]>;

/** How the world is reached. */
export interface DiscoveryPorts {
  readonly dnsClient: (options: DnsClientOptions) => AskDns;
  readonly followFile: (path: string, sink: SourceSink) => Source;
  readonly onEvent: DiscoveryEventSink;
}

/** How a source of a pool is doing. */
export interface DiscoveryStatus {
  readonly source: FoundBy;
  /** What is wrong; null while all is well. */
  readonly fault: string | null;
  /** How often looking found something wrong. */
  readonly faults: number;
  /** Whether its first list, or first fault, is still to come. */
  readonly pending: boolean;
}

interface Running {
  readonly settings: Settings;
  readonly source: Source;
}

interface State {
  fault: string | null;
  faults: number;
  pending: boolean;
}

export interface PoolDiscoveryPorts extends DiscoveryPorts {
  readonly pool: string;
  readonly time: ControlTime;
  readonly onList: (source: FoundBy, backends: readonly Found[]) => void;
  /** A source is no longer pending. */
  readonly onFirst: () => void;
}

/** The sources that one pool's config names. */
export class PoolDiscovery {
  readonly #ports: PoolDiscoveryPorts;
  readonly #running = new Map<FoundBy, Running>();
  readonly #states = new Map<FoundBy, State>();

  constructor(ports: PoolDiscoveryPorts) {
    this.#ports = ports;
  }

  /** Looks where `config` says from now on. A source whose settings stay goes on; the list of one that is gone is empty. */
  configure(config: PoolConfig["discovery"]): void {
    this.#follow("file", config?.file, ({ path }, sink) => this.#ports.followFile(path, sink));
    this.#follow("dns", config?.dns, (settings, sink, held) => {
      const { dnsClient, time } = this.#ports;
      return new DnsSource(settings, held, { ...sink, time, ask: dnsClient(settings) });
    });
  }

  /** Whether the first list of a source is still to come. */
  get pending(): boolean {
    return [...this.#states.values()].some(({ pending }) => pending);
  }

  status(): readonly DiscoveryStatus[] {
    return Array.from(this.#states, ([source, state]) => ({ source, ...state }));
  }

  /** Ends every source for good; what they found stays. */
  stop(): void {
    for (const { source } of this.#running.values()) source.stop();
    this.#running.clear();
    for (const state of this.#states.values()) state.pending = false;
  }

  #follow<S extends Settings>(
    name: FoundBy,
    settings: S | undefined,
    open: (settings: S, sink: SourceSink, held: boolean) => Source,
  ): void {
    const before = this.#running.get(name);
    if (isDeepStrictEqual(before?.settings, settings)) return;
    before?.source.stop();
    if (settings === undefined) {
      this.#running.delete(name);
      this.#states.delete(name);
      this.#ports.onList(name, []);
      return;
    }
    const state = this.#states.get(name) ?? { fault: null, faults: 0, pending: true };
    this.#states.set(name, state);
    const source = open(settings, this.#sink(name, state), before !== undefined);
    this.#running.set(name, { settings, source });
  }

  #sink(source: FoundBy, state: State): SourceSink {
    const { onList, onFirst, onEvent, pool } = this.#ports;
    const over = (): void => {
      if (!state.pending) return;
      state.pending = false;
      onFirst();
    };
    return {
      onList: (backends) => {
        onList(source, backends);
        over();
      },
      onFault: (fault) => {
        if (fault !== null) state.faults++;
        if (fault !== state.fault) onEvent({ pool, source, fault });
        state.fault = fault;
        if (fault !== null) over();
      },
    };
  }
}
