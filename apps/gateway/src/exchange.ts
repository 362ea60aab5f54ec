import { type FieldList, FieldSection, type FramingPlan, type TargetPlan } from "@headgate/http";
import type { CacheNote } from "./caching/cache-note.ts";
import { Cancellation } from "./cancellation.ts";
import type { Clock } from "./clock.ts";
import type { ClientBody } from "./downstream/client-body.ts";
import type { Generation } from "./generation.ts";
import type { ExchangeRecord } from "./observability/exchange-record.ts";
import type { CompiledRoute } from "./routing.ts";
import type { IncomingBody } from "./upstream/outgoing-body.ts";
import type { PoolPlan } from "./upstream/pool-split.ts";
import type { Session } from "./upstream/sessions.ts";
import type { UpstreamPool } from "./upstream/upstream-pool.ts";

/** A request's head as the listener read it; `admit` judges it by its plans. */
export interface RequestHead {
  readonly method: string;
  /** The target as it stood in the request line, or HTTP/2's `:path`. */
  readonly target: string;
  readonly version: "1.0" | "1.1" | "2.0";
  readonly scheme: "http" | "https";
  /** Flat `[name, value, ...]` as received; for HTTP/2 without pseudo-fields and with Host from `:authority`. */
  fields: readonly string[];
  /** The same fields, with what has been found in them. Requests of one connection share it. */
  section: FieldSection;
  /** Address of the connection's other end. */
  readonly peer: string;
  /** Port the client connected to. */
  readonly localPort: number;
  readonly framing: FramingPlan;
  readonly targetPlan: TargetPlan;
}

/** Has a request go on with other fields than came. */
export function replaceFields(head: RequestHead, fields: FieldList): void {
  head.fields = fields;
  head.section = new FieldSection(fields);
}

/** Takes interim responses to send on to the client. */
export interface InterimSink {
  informational(status: number, fields: FieldList): void;
}

/** One request and its response on their way through the layers. */
export class Exchange {
  readonly head: RequestHead;
  readonly body: ClientBody | null;
  /** `websocket` where the client asks for an upgrade. */
  readonly upgrade: string | null;
  /** Config and what was built from it, as they were when the request came. */
  readonly generation: Generation;
  readonly record: ExchangeRecord;
  /** The client is gone, or the gateway gives up. */
  readonly cancellation: Cancellation = new Cancellation();
  /** Where interim responses (102, 103) go. */
  readonly interim: InterimSink;

  /** Origin-form target as it is sent upstream; set by `admit`. */
  path = "";
  /** Path without query, dot segments resolved: what routes are matched on; set by `admit`. */
  pathname = "";
  /** Authority in lower case; set by `admit`. */
  host = "";
  /** Address of the client: the peer, or what a trusted peer says; set by `admit`. */
  client: string;
  /** Whether the peer is one of `trustedProxies`. */
  readonly trusted: boolean;
  /** Set by `route`. */
  route: CompiledRoute | null = null;
  /** Which pool serves; set by `route`, or by `assign` where the route is split. */
  pool: UpstreamPool | null = null;
  /** How a split route's pool was chosen; null on any other. Set by `assign`. */
  assignment: PoolPlan | null = null;
  /** Name of the credential; null for none. Set by `authenticate`. */
  identity: string | null = null;
  /** The client's session with a backend; null where the pool keeps none. Set by `sticky`. */
  session: Session | null = null;
  /** Where the content comes from for those who send it on; the body, or one that begins with what was read of it. */
  upload: IncomingBody | null;
  /** The content, where a layer has read all of it; then `upload` is spent. */
  content: Buffer | null = null;
  /** What the cache layer keeps between the way in and the way out. */
  cache: CacheNote | null = null;
  /** Whether `admit` counted it in flight. */
  counted = false;

  constructor(
    head: RequestHead,
    body: ClientBody | null,
    upgrade: string | null,
    generation: Generation,
    record: ExchangeRecord,
    interim: InterimSink,
  ) {
    this.head = head;
    this.body = body;
    this.upload = body;
    this.upgrade = upgrade;
    this.generation = generation;
    this.record = record;
    this.client = head.peer;
    this.trusted = generation.isTrusted(head.peer);
    this.interim = interim;
  }
}

/** A record with all that is known before the first layer. */
export function newRecord(head: RequestHead, clock: Clock): ExchangeRecord {
  return {
    id: "",
    startedAt: clock.now(),
    startedTick: clock.tick(),
    trace: null,
    method: head.method,
    scheme: head.scheme,
    httpVersion: head.version,
    host: "",
    path: "",
    client: head.peer,
    route: null,
    pool: null,
    poolWhy: null,
    identity: null,
    status: 0,
    problem: null,
    cache: null,
    cacheDetail: null,
    encoding: null,
    backend: null,
    attempts: [],
    requestBytes: 0,
    bodyBytes: 0,
    sentBytes: 0,
    headTick: null,
    endTick: 0,
    outcome: "complete",
  };
}
