import type { Duplex } from "node:stream";
import type { FieldList, RepeatedFields } from "@headgate/http";
import type { BodySource } from "../../body.ts";

/** What is to be sent. */
export interface ClientRequest {
  readonly method: string;
  /** Origin-form, or `*`. */
  readonly path: string;
  /** End-to-end fields with Host; no framing field. */
  readonly fields: FieldList;
  /** Those with which its fields begin, as do the fields of others; null where nothing is known of that. */
  readonly repeated: RepeatedFields | null;
  /** The protocol to switch to; null for none. */
  readonly upgrade: string | null;
  /** `length` in bytes; null if unknown, then it goes out chunked. */
  readonly body: { readonly length: number | null; open(): Buffer | BodySource } | null;
}

/** What may be done about an exchange while it is under way, and only then. */
export interface ClientControl {
  /** Breaks it off: `onError` is called with `reason` before this returns. */
  abort(reason: Error): void;
  /** No more data for now. */
  pause(): void;
  resume(): void;
}

/**
 * A request, and who hears what becomes of it: `onWaiting` any number of times, `onSent`, `onBegun`, `onInterim` as often as
 * they come, `onHead`, `onData`, `onEnd`; or `onUpgrade` in place of the last three; or `onError` in place of whatever is
 * still to come.
 */
export interface ClientExchange {
  readonly request: ClientRequest;
  /** Whether nobody waits for it any more: then it is not begun. */
  readonly over: boolean;
  /** It waits for a connection. */
  onWaiting(control: Pick<ClientControl, "abort">): void;
  /** From here on bytes of the request may have left. */
  onSent(control: ClientControl): void;
  /** The first byte of a response is here. */
  onBegun(): void;
  onInterim(status: number, fields: FieldList): void;
  /** @param section the fields' lines as they came, where they are at hand */
  onHead(status: number, fields: FieldList, section?: string): void;
  /** The connection is the exchange's own from here on. */
  onUpgrade(status: number, fields: FieldList, socket: Duplex): void;
  /** Whether nothing holds the chunk any more when this returns. */
  onData(chunk: Buffer): boolean;
  onEnd(trailers: FieldList | null): void;
  onError(error: Error): void;
}
