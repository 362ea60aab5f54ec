import type { Duplex } from "node:stream";
import { isSource } from "../../body.ts";
import type { ClientRequest } from "./client-exchange.ts";
import { Upload, type UploadEvents } from "./upload.ts";

/** A request up to so many bytes leaves as one text, which node writes from its stack: no memory is set aside for it. */
const AS_TEXT = 16 * 1024;

/**
 * Opens the body and sends the request, where it is here whole or there is none. One that is streamed is given back: it
 * sends the head once it is started. `head` holds one character per octet.
 */
export function sendRequest(
  socket: Duplex,
  head: string,
  body: ClientRequest["body"],
  events: UploadEvents,
): Upload | null {
  const opened = body === null ? null : body.open();
  if (isSource(opened)) return new Upload(socket, opened, body?.length ?? null, events);
  writeWhole(socket, head, opened);
  return null;
}

function writeWhole(socket: Duplex, head: string, body: Buffer | null): void {
  if (body === null || body.length === 0) socket.write(head, "latin1");
  else if (head.length + body.length <= AS_TEXT) socket.write(head + body.toString("latin1"), "latin1");
  else {
    socket.cork();
    socket.write(head, "latin1");
    socket.write(body);
    socket.uncork();
  }
}
