import { z } from "zod";
import { file, flag, text } from "./fields.ts";

/** How certificates of a server that the gateway connects to are checked, and what it shows of its own. */
export const clientTls = (server: string) =>
  z
    .strictObject({
      verify: flag()
        .prefault(true)
        .describe(
          `Checks the ${server}'s certificate and name. \`false\` accepts any certificate, and is warned of at each start.`,
        ),
      ca: file().optional().describe("Certificate authorities to trust instead of the system's, PEM."),
      servername: text(/^[0-9A-Za-z._-]+$/, "a host name")
        .optional()
        .describe("Name to ask for by SNI and to check the certificate against, in place of the URL's host."),
      cert: file().optional().describe(`Client certificate chain to show to the ${server}, PEM; needs \`key\`.`),
      key: file().optional().describe("Private key of the client certificate, PEM; needs `cert`."),
    })
    .prefault({});
