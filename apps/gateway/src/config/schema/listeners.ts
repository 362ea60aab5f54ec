import { z } from "zod";
import { file, flag, port, text } from "./fields.ts";

const address = text(/^(\*|[0-9A-Za-z._-]+|[0-9a-fA-F:.]+(%\w+)?)$/, "an address, a host name or * (all addresses)");

const tls = z
  .union(
    [
      z.literal("self-signed"),
      z.strictObject({
        cert: file().describe("Certificate chain, PEM, the server's own certificate first."),
        key: file().describe("Private key of the certificate, PEM, without a passphrase."),
        ca: file()
          .optional()
          .describe(
            "Certificate authorities, PEM, for client certificates: with it only clients that show a certificate signed by one of them are let in (mutual TLS).",
          ),
        minVersion: z.enum(["TLSv1.2", "TLSv1.3"]).prefault("TLSv1.2").describe("Oldest TLS version that is accepted."),
      }),
    ],
    { error: "self-signed, or an object with cert and key" },
  )
  .optional()
  .describe(
    "Turns TLS on: `self-signed` makes and keeps a certificate for localhost in `stateDir`, an object names your own files. Without it the listener speaks plain HTTP/1.1.",
  );

const listener = z
  .strictObject({
    port: port().describe("TCP port; 0 takes any free one."),
    host: z
      .union([address, z.array(address).min(1, "at least one address")], { error: "an address or a list of addresses" })
      .transform((host) => (typeof host === "string" ? [host] : host))
      .optional()
      .describe(
        "Address or addresses to listen on, `*` for all. Without it: all addresses, but 127.0.0.1 and ::1 alone while no config file is given.",
      ),
    tls,
    http2: flag()
      .optional()
      .describe("Offers HTTP/2 beside HTTP/1.1 by ALPN. Only with `tls`, and there true unless set."),
  })
  .transform(({ http2, ...listener }, context) => {
    if (listener.tls === undefined && http2 === true)
      context.addIssue({ code: "custom", path: ["http2"], message: "false, since HTTP/2 needs tls" });
    return { ...listener, http2: http2 ?? listener.tls !== undefined };
  });

export const listeners = z
  .array(listener, { error: "a list of listeners" })
  .min(1, "at least one listener")
  .prefault([{ port: 8080 }, { port: 8443, tls: "self-signed" }])
  .describe("Where clients connect.");
