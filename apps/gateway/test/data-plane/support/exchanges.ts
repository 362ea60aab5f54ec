import { type FieldList, FieldSection, getField, planFraming, planTarget } from "@headgate/http";
import type { Clock } from "../../../src/clock.ts";
import { configSchema } from "../../../src/config/schema.ts";
import { type ConfigSnapshot, makeSnapshot } from "../../../src/config/snapshot.ts";
import type { ClientBody } from "../../../src/downstream/client-body.ts";
import { Exchange, newRecord, type RequestHead } from "../../../src/exchange.ts";
import type { GatewayResponse } from "../../../src/gateway-response.ts";
import type { Generation } from "../../../src/generation.ts";
import { type CompiledRoute, createRouter } from "../../../src/routing.ts";
import { OWN_FIELDS } from "../../../src/upstream/request-fields.ts";
import { TestClock, TestPool } from "./upstream.ts";

/** The config that `options` give, in the file's own words; all else by default. */
export function aConfig(options: object = {}): ConfigSnapshot {
  return makeSnapshot(configSchema.parse(options), { host: "loopback" });
}

/** A route for everything, with what a test changes. */
export function aRoute(changes: Partial<CompiledRoute> = {}): CompiledRoute {
  return {
    name: "/",
    prefix: "",
    host: null,
    methods: null,
    conditions: null,
    pool: new TestPool([]),
    split: null,
    mirror: null,
    auth: "none",
    cache: null,
    partitioned: false,
    mayPurge: null,
    compression: true,
    idempotencyKey: false,
    ...changes,
  };
}

export interface GenerationChanges {
  readonly config?: object;
  readonly routes?: readonly CompiledRoute[];
  readonly trusted?: readonly string[];
  readonly keys?: Readonly<Record<string, string>>;
  readonly keyField?: string;
}

export function aGeneration(changes: GenerationChanges = {}): Generation {
  const { config, routes, trusted, keys = {}, keyField = "x-api-key" } = changes;
  const settled = aConfig(config);
  return {
    config: settled,
    ...createRouter(routes ?? [aRoute()]),
    keyField,
    withheldFields: OWN_FIELDS.with(keyField),
    identify: (presented) => {
      if (presented === undefined) return { kind: "missing" };
      const name = keys[presented];
      return name === undefined ? { kind: "invalid" } : { kind: "identified", name };
    },
    isTrusted: (address) => trusted?.includes(address) === true,
  };
}

export interface ExchangeChanges {
  readonly method?: string;
  readonly target?: string;
  readonly version?: RequestHead["version"];
  readonly scheme?: RequestHead["scheme"];
  /** All of the request's fields; without a Host, `example.com` is added. */
  readonly fields?: FieldList;
  /** In place of `fields`: one that another exchange has had. */
  readonly section?: FieldSection;
  readonly peer?: string;
  readonly body?: ClientBody | null;
  readonly upgrade?: string | null;
  readonly generation?: Generation;
  /** By which it came. */
  readonly clock?: Clock;
}

/** A GET of `/` from 192.0.2.1, as it comes from the listener, with what a test changes. */
export function anExchange(changes: ExchangeChanges = {}): Exchange {
  const { method = "GET", target = "/", version = "1.1", scheme = "http", peer = "192.0.2.1" } = changes;
  const given = changes.fields ?? [];
  const {
    section = new FieldSection(getField(given, "host") === undefined ? ["Host", "example.com", ...given] : given),
  } = changes;
  const fields = section.list;
  const head: RequestHead = {
    ...{ method, target, version, scheme, fields, section, peer },
    localPort: 8080,
    framing: planFraming(version, method, fields),
    targetPlan: planTarget(method, target, getField(fields, "host")),
  };
  const interim = { informational: () => undefined };
  const { body = null, upgrade = null, generation = aGeneration(), clock = new TestClock(1000) } = changes;
  return new Exchange(head, body, upgrade, generation, newRecord(head, clock), interim);
}

/** An exchange that `admit` and `route` have seen. */
export function aRoutedExchange(changes: ExchangeChanges = {}): Exchange {
  const exchange = anExchange(changes);
  const { targetPlan: plan } = exchange.head;
  if (plan.kind !== "accept") throw new Error(`the target is not accepted: ${plan.kind}`);
  exchange.path = plan.path;
  exchange.pathname = plan.normalizedPathname;
  exchange.host = plan.host;
  exchange.record.path = plan.pathname;
  const { method, fields } = exchange.head;
  exchange.route = exchange.generation.route(plan.host, plan.normalizedPathname, method, fields, plan.path) ?? null;
  exchange.pool = exchange.route?.pool ?? null;
  exchange.record.id = "id-1";
  return exchange;
}

/** A response of a backend, with what a test changes. */
export function aResponse(changes: Partial<GatewayResponse> = {}): GatewayResponse {
  return { status: 200, fields: [], body: null, source: "upstream", backend: "127.0.0.1:8000", ...changes };
}

/** A stand-in for a client's body of which only the size is looked at. */
export function aBody(length: number | null, received = 0): ClientBody {
  return { length, received } as ClientBody;
}

/** Runs a hook that does not wait, and gives what it threw, or undefined. */
export function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
