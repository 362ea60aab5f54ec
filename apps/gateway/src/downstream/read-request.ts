import { Fact, type FramingPlan, getField } from "@headgate/http";
import type { RequestHead } from "../exchange.ts";
import { ClientBody, type ClientBodyLimits } from "./client-body.ts";
import type { ContentStream } from "./content-stream.ts";
import type { Reply } from "./reply.ts";

/** What the request's Expect asks for; `continue`: to be told whether its content is wanted (RFC 9110 §10.1.1). */
export type Expectation = "none" | "continue" | "unknown";

/** A request as its connection or stream hands it over, of either protocol. */
export interface ReceivedRequest {
  readonly head: RequestHead;
  /** Null where there is none, or nobody knows where it ends. */
  readonly content: ContentStream | null;
  readonly upgrade: "websocket" | null;
  readonly expectation: Expectation;
}

/** Who takes requests. */
export interface RequestHandler {
  request(received: ReceivedRequest, reply: Reply): void;
}

export const HOST: Fact<string | null> = new Fact((fields) => getField(fields, "host") ?? null);

/** The framing that holds: what is expected and not known here is refused first. */
export function framingOf(framing: FramingPlan, expectation: Expectation): FramingPlan {
  return expectation === "unknown" ? UNKNOWN_EXPECTATION : framing;
}

const UNKNOWN_EXPECTATION: FramingPlan = {
  kind: "refuse",
  status: 417,
  code: "expectation-failed",
  detail: "The request expects what is not known here: expected 100-continue.",
};

/** The request's body; null where there is none. Where the client waits to be asked for it, the first reader does. */
export function readBody(received: ReceivedRequest, limits: ClientBodyLimits, reply: Reply): ClientBody | null {
  const { content, expectation } = received;
  const { framing } = received.head;
  if (content === null) return null;
  const invite = expectation === "continue" ? () => reply.invite() : null;
  return new ClientBody(content, framing.kind === "length" ? framing.length : null, limits, invite);
}
