import type { ConfigInput } from "../../src/config/schema.ts";
import { type RunningGateway, startGateway, testConfig } from "./gateway.ts";
import { logLines } from "./log.ts";
import { eventually } from "./raw-client.ts";
import { type RoutedBackend, startRoutedBackend } from "./routed-backend.ts";

/** A gateway before one scripted backend, for all tests of a file. */
export interface Stage {
  readonly gateway: RunningGateway;
  readonly backend: RoutedBackend;
}

/**
 * Sets a stage before the first test and clears it after the last, when the gateway must have nothing left in flight, have
 * logged no bug, and stop at once.
 */
export function stage(config: ConfigInput = {}): Stage {
  let parts: Stage | null = null;
  const set = (): Stage => {
    if (parts === null) throw new Error("the stage is set when the tests run, not before");
    return parts;
  };
  beforeAll(async () => {
    const backend = await startRoutedBackend();
    const gateway = await startGateway(testConfig([backend.port], config)).catch(async (error: unknown) => {
      await backend.close();
      throw error;
    });
    parts = { backend, gateway };
  });
  afterAll(async () => {
    const { gateway, backend } = set();
    try {
      await settled(gateway);
    } finally {
      const code = await gateway.stop();
      await backend.close();
      expect({ code, log: troubles(gateway) }).toEqual({ code: 0, log: [] });
    }
  });
  return {
    get gateway() {
      return set().gateway;
    },
    get backend() {
      return set().backend;
    },
  };
}

/** Requests in flight at each backend, as the admin API counts them. */
export async function active(gateway: RunningGateway): Promise<number[]> {
  const response = await fetch(`${gateway.admin}/api/backends`);
  const backends = (await response.json()) as { active: number }[];
  return backends.map((backend) => backend.active);
}

/** Waits until nothing is in flight at any backend. */
export async function settled(gateway: RunningGateway): Promise<void> {
  let counts: number[] = [];
  const none = async (): Promise<boolean> => {
    counts = await active(gateway);
    return counts.every((count) => count === 0);
  };
  await eventually(none, "no request is in flight at any backend").catch((error: Error) => {
    throw new Error(`${error.message}: ${counts}`);
  });
}

/** Log lines that must never be there: bugs, warnings of node, and exchanges that had to be broken off at the end. */
export function troubles(gateway: RunningGateway): string[] {
  return logLines(gateway).filter((line) =>
    /"level":"(error|fatal)"|broken off at the end|^\s+at |^\(node:/.test(line),
  );
}

/** What an access line tells of an exchange, as far as tests look at it. */
export interface AccessLine {
  readonly path: string;
  readonly status: number;
  readonly outcome: string;
  readonly problem?: string;
  readonly attempts: number;
  readonly requestBytes: number;
  readonly sentBytes: number;
}

/** The access line of the only exchange for `path`, once it is there. */
export async function accessLine(gateway: RunningGateway, path: string): Promise<AccessLine> {
  const lines = (): AccessLine[] =>
    logLines(gateway)
      .filter((line) => line.includes('"msg":"exchange"'))
      .map((line) => JSON.parse(line) as AccessLine)
      .filter((line) => line.path === path);
  await eventually(() => lines().length > 0, `an access line tells of ${path}`);
  return lines()[0] as AccessLine;
}
