import { z } from "zod";
import { port, text } from "./fields.ts";

export const admin = z
  .union(
    [
      z.literal(false),
      z.strictObject({
        host: text(/^\S+$/, "an address or a host name")
          .prefault("127.0.0.1")
          .describe("Address to listen on. Whoever reaches it can change the gateway: keep it private."),
        port: port().prefault(9901).describe("TCP port; 0 takes any free one."),
      }),
    ],
    { error: "an object with host and port, or false" },
  )
  .prefault({})
  .describe("The admin listener: dashboard, metrics, health and API. `false` turns it off.");
