import { z } from "zod";
import { text, token } from "./fields.ts";

/** The development key: warned of, and refused where NODE_ENV is production. */
export const DEFAULT_API_KEY = "test-api-key-123";

const apiKey = z.strictObject({
  name: text(/\S/, "a name").describe("Whose key it is: the identity in logs, metrics and the cache key."),
  key: text(/^[\x21-\x7e]+$/, "a key of printable ASCII characters without spaces")
    .meta({ writeOnly: true })
    .describe("The secret that clients send. Never logged, and never sent on to a backend."),
});

export const auth = z
  .strictObject({
    header: token("a header field's name").prefault("X-API-Key").describe("Request field that carries the API key."),
    apiKeys: z
      .array(apiKey, { error: "a list of { name, key }" })
      .prefault([{ name: "dev", key: DEFAULT_API_KEY }])
      .describe(
        "Keys that routes with `auth: api-key` accept. The default one is for development: it is warned of, and refused where NODE_ENV is production.",
      ),
  })
  .prefault({})
  .describe("Who may call.");
