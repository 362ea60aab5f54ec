/** What a scenario is driven with. */
export type Drive =
  /** As many requests as 64 connections get through, by wrk. */
  | "wrk"
  /** As many messages as 64 WebSockets get echoed. */
  | "websocket"
  /** Requests at a fixed rate, whether or not answers come. */
  | "open"
  /** Connections that have had one request and then stay. */
  | "idle";

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly drive: Drive;
  /** Below `/p/` the origin forbids caching, below `/c/` it allows it. */
  readonly path: string;
  /** Bytes of the answer's body. */
  readonly length: number;
  readonly tls: boolean;
  /** A proxy must answer from its cache. */
  readonly cached: boolean;
  /** Asks for a new connection for each request. */
  readonly close: boolean;
  /** Bytes of a request body, sent by POST; 0: GET. */
  readonly upload: number;
}

const PASS = { drive: "wrk", path: "/p/1k", length: 1024, tls: false, cached: false, close: false, upload: 0 } as const;
const HIT = { ...PASS, path: "/c/1k", cached: true } as const;

export const SCENARIOS: readonly Scenario[] = [
  { ...PASS, name: "pass1k", title: "GET 1 KB, passed through" },
  { ...HIT, name: "hit1k", title: "GET 1 KB, from the cache" },
  { ...HIT, name: "hit64k", title: "GET 64 KB, from the cache", path: "/c/64k", length: 65_536 },
  { ...PASS, name: "pass1m", title: "GET 1 MB, passed through", path: "/p/1m", length: 1_048_576 },
  { ...PASS, name: "tls1k", title: "GET 1 KB over TLS, passed through", tls: true },
  { ...PASS, name: "post10k", title: "POST 10 KB, passed through", upload: 10_240 },
  { ...PASS, name: "conn", title: "A new TLS connection for each GET of 1 KB", tls: true, close: true },
  { ...PASS, name: "ws", title: "WebSocket messages of 64 bytes, echoed", drive: "websocket", path: "/ws", length: 0 },
  { ...PASS, name: "p99", title: "Latency of GET 1 KB at 80 % of the proxy's own peak", drive: "open" },
  { ...PASS, name: "idle10k", title: "10,000 idle keep-alive connections", drive: "idle" },
];

export const SCENARIO_NAMES: readonly string[] = SCENARIOS.map(({ name }) => name);
