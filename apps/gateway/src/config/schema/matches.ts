import { z } from "zod";
import { text, token } from "./fields.ts";

const wanted = (what: string) =>
  z.union([z.boolean(), z.string().min(1)], { error: `a value of the ${what}, true or false` });

const WANTED =
  "One value, one that begins so where a `*` ends it, `true` for any, or `false` for none. All that are named must hold.";

/** What narrows a route beside host, path and methods. */
export const matches = {
  headers: z
    .record(token("a field name"), wanted("field"), { error: "fields by name, such as { X-Beta: on }" })
    .optional()
    .describe(`Only requests with these header fields. ${WANTED}`),
  cookies: z
    .record(token("a cookie's name"), wanted("cookie"), { error: "cookies by name, such as { beta: on }" })
    .optional()
    .describe("Only requests with these cookies, told as `headers` are."),
  query: z
    .record(text(/^[^\s&=#]+$/, "a parameter's name"), wanted("parameter"), { error: "parameters by name" })
    .optional()
    .describe("Only requests with these query parameters, decoded, told as `headers` are."),
};
