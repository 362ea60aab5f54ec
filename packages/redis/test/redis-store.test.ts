import { NOW, STORE_RULES } from "@headgate/cache/conformance";
import type { Link } from "../src/link.ts";
import { RedisServer } from "../src/testing/index.ts";
import { describeWithRedis, openLink, optionsFor, storeOver } from "./support.ts";

describeWithRedis("RedisStore over a redis-server keeps the rules of every store", () => {
  let server: RedisServer;
  let link: Link;
  let runs = 0;

  beforeAll(async () => {
    server = await RedisServer.start();
    const opened = openLink(optionsFor(server.url));
    await opened.up;
    link = opened.link;
  });
  afterAll(async () => {
    link.close();
    await server.stop();
  });

  test.each(STORE_RULES.map(({ name, check }) => [name, check] as const))("%s", (_, check) =>
    check(() => ({ store: storeOver(link, `run[${runs++}]*:`, { now: () => NOW }) })),
  );
});
