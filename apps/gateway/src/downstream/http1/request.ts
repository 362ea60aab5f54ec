import { planTarget, type ReceivedHead } from "@headgate/http";
import type { ContentStream } from "../content-stream.ts";
import { framingOf, HOST, type ReceivedRequest } from "../read-request.ts";
import type { RequestWishes } from "./request-wishes.ts";

/** What a request's connection adds to it. */
export interface ConnectionFacts {
  readonly scheme: "http" | "https";
  /** Address of the other end. */
  readonly peer: string;
  /** That the client connected to. */
  readonly localPort: number;
}

/** A request of HTTP/1 as one of either protocol. */
export function receive(
  { method, target, version, section, framing }: ReceivedHead,
  { scheme, peer, localPort }: ConnectionFacts,
  { upgrade, expectation }: RequestWishes,
  content: ContentStream | null,
): ReceivedRequest {
  const targetPlan = planTarget(method, target, section.of(HOST) ?? undefined);
  const judged = framingOf(framing, expectation);
  const fields = section.list;
  const head = { method, target, version, scheme, fields, section, peer, localPort, framing: judged, targetPlan };
  return { head, content, upgrade, expectation };
}
