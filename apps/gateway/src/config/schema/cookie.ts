import { z } from "zod";
import { duration, flag, text, token } from "./fields.ts";

/** The settings of a signed cookie that the gateway sets itself. */
export const signedCookie = (name: string) => ({
  cookie: token("a cookie's name").prefault(name).describe("Name of the cookie that the gateway sets."),
  lifetime: duration({ max: 400 * 86_400_000 })
    .optional()
    .describe("How long a browser keeps the cookie. Without it: until the browser is closed."),
  path: text(/^\/[^\s;]*$/, "a path that starts with /")
    .prefault("/")
    .describe("Path below which the cookie is sent."),
  sameSite: z
    .enum(["strict", "lax", "none"])
    .prefault("lax")
    .describe("Whether it is sent with requests that come from other sites; `none` needs `secure: true`."),
  secure: flag().optional().describe("Whether it is sent over TLS only. Without it: where the request came by https."),
  secret: text(/^[\x21-\x7e]{16,}$/, "a secret of at least 16 printable ASCII characters without spaces")
    .meta({ writeOnly: true })
    .optional()
    .describe(
      "Signs the cookie; gateways that share sessions need the same. Without it: one that is made and kept in `stateDir`.",
    ),
});
