import type { Duplex } from "node:stream";
import { isSource } from "../../body.ts";
import type { ClientRequest } from "./client-exchange.ts";
import { Upload, type UploadEvents } from "./upload.ts";

/** A request up to so many bytes leaves in one piece. */
const IN_ONE = 16 * 1024;

/** Where such requests are put together, one after the other: what the system has taken needs its place no longer. */
let stage: Buffer = Buffer.allocUnsafeSlow(IN_ONE);

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
  else if (head.length + body.length > IN_ONE) {
    socket.cork();
    socket.write(head, "latin1");
    socket.write(body);
    socket.uncork();
  }
  // TLS takes nothing at once, and would have a new stage made for each request.
  else if ("encrypted" in socket) socket.write(head + body.toString("latin1"), "latin1");
  else writeStaged(socket, head, body);
}

/** As a text it would be copied twice more, into memory that is then to be collected. */
function writeStaged(socket: Duplex, head: string, body: Buffer): void {
  const start = stage.write(head, "latin1");
  const end = start + body.copy(stage, start);
  socket.write(stage.subarray(0, end));
  // What waits for the system lies there until it is taken.
  if (socket.writableLength > 0) stage = Buffer.allocUnsafeSlow(IN_ONE);
}
