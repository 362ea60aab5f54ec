import { z } from "zod";
import { count, duration, size } from "./fields.ts";

export const timeouts = z
  .strictObject({
    clientHeader: duration()
      .prefault("10s")
      .describe("How long a client may take to send a request's head; over it 408."),
    clientIdle: duration().prefault("75s").describe("How long an idle client connection is kept open."),
    body: duration()
      .prefault("60s")
      .describe("Longest silence of a client while its request body comes or it takes the response."),
    tunnel: duration()
      .prefault("1h")
      .describe("Longest silence of a WebSocket, both ways; then both ends are told to close it."),
  })
  .prefault({})
  .describe("Time limits towards the clients.");

export const limits = z
  .strictObject({
    head: size({ min: 1024, max: 1024 ** 2 })
      .prefault("16KiB")
      .describe("Largest request head; over it 431."),
    body: size().prefault("10MiB").describe("Largest request body; over it 413."),
    replay: size({ max: 64 * 1024 ** 2 })
      .prefault("1MiB")
      .describe("Largest request body that is held for a retry; a larger one is streamed and not retried."),
    exchanges: count(1).prefault(10_000).describe("Requests in flight at most; over it 503."),
    connections: count(1)
      .prefault(10_000)
      .describe("Client connections at most, on each listener; over it new ones are closed."),
    responseBuffer: size({ min: 1024, max: 16 * 1024 ** 2 })
      .prefault("64KiB")
      .describe("Response bytes held for a client that reads slowly before the backend is slowed down."),
  })
  .prefault({})
  .describe("Bounds that keep memory and load in hand.");
