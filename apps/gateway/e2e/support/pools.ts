import type { ConfigInput } from "../../src/config/schema.ts";
import { type RunningGateway, startGateway, testConfig } from "./gateway.ts";
import { type Answering, type PlainBackend, type SeenRequest, startPlainBackend } from "./plain-backend.ts";

/** A gateway before pools of one backend each. */
export interface Pools<Name extends string> {
  readonly gateway: RunningGateway;
  readonly backends: Readonly<Record<Name, PlainBackend>>;
  /** The gateway's address with a path. */
  url(path: string): string;
  stop(): Promise<void>;
}

/** Starts a backend for each pool, with its answers, and a gateway with these pools. */
export async function startPools<Name extends string>(
  answers: Readonly<Record<Name, Answering>>,
  config: ConfigInput,
  poolOptions: object = {},
  morePools: ConfigInput["pools"] = {},
): Promise<Pools<Name>> {
  const backends = {} as Record<Name, PlainBackend>;
  for (const name of Object.keys(answers) as Name[]) backends[name] = await startPlainBackend(answers[name]);
  const pools = Object.fromEntries(
    Object.entries<PlainBackend>(backends).map(([name, { id }]) => [
      name,
      { backends: [`http://${id}`], health: false as const, ...poolOptions },
    ]),
  );
  const gateway = await startGateway({ ...testConfig([]), pools: { ...pools, ...morePools }, ...config });
  return {
    gateway,
    backends,
    url: (path) => `http://127.0.0.1:${gateway.http}${path}`,
    stop: async () => {
      const code = await gateway.stop();
      for (const backend of Object.values<PlainBackend>(backends)) await backend.close();
      expect(code).toBe(0);
    },
  };
}

/** Answers with a text, and with what makes it fit to be stored where the query asks for that. */
export function saying(text: string): Answering {
  return ({ url }: SeenRequest, response) => {
    if (url.includes("store")) response.setHeader("Cache-Control", "max-age=60");
    response.end(text);
  };
}
