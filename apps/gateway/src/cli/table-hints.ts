import { DEFAULT_API_KEY } from "../config/schema/auth.ts";
import type { ConfigSnapshot } from "../config/snapshot.ts";

/** What the load tester asks for by itself. */
const LOAD_TEST_URL = "https://localhost:8443/test";

/**
 * Commands to try next, each whole and ready to be copied. None where the development key is not in use: whoever has
 * set keys of their own knows what to ask.
 * @param urls where the gateway can be reached, such as `https://localhost:8443`
 */
export function tryNext({ auth }: Pick<ConfigSnapshot, "auth">, urls: readonly string[]): string[] {
  const base = urls.find((url) => url.startsWith("https:")) ?? urls[0];
  if (base === undefined || !auth.apiKeys.some(({ key }) => key === DEFAULT_API_KEY)) return [];
  const url = `${base}/test`;
  const target = url === LOAD_TEST_URL ? "" : ` --url ${url}`;
  return [
    `curl ${base.startsWith("https:") ? "-k " : ""}${url} -H "${auth.header}: ${DEFAULT_API_KEY}"`,
    `pnpm loadtest --rps 100 --duration 10${target}`,
  ];
}
