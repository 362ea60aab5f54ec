import { type Command, Option } from "commander";
import { z } from "zod";
import { UserError } from "../errors.ts";
import { type AdminOptions, withAdminOptions } from "./admin-address.ts";
import { AdminClient } from "./admin-client.ts";
import type { CommandContext } from "./options.ts";
import { percent, size } from "./table-format.ts";

const STATS = z.looseObject({
  entries: z.number(),
  maxEntries: z.number(),
  bytes: z.number(),
  maxBytes: z.number(),
  evictions: z.number(),
  filling: z.number(),
  fillingBytes: z.number(),
  results: z.record(z.string(), z.number()),
  redis: z.looseObject({ state: z.enum(["up", "down"]), why: z.string().nullable() }).nullable(),
  reasons: z.array(z.object({ result: z.string(), reason: z.string(), count: z.number() })),
});

/** Reasons that are shown; `--json` has more. */
const TOP = 10;

const LIVE = z.object({ cacheLookups: z.number(), hitRatio: z.number().nullable() });

const PURGED = z.object({ purged: z.number(), mode: z.enum(["hard", "soft"]) });

interface PurgeOptions extends AdminOptions {
  readonly json: boolean;
  readonly soft: boolean;
  readonly url?: string;
  readonly prefix?: string;
  readonly tag?: string;
  readonly all?: true;
}

async function stats(options: AdminOptions & { json: boolean }, context: CommandContext): Promise<void> {
  const client = await AdminClient.for(options, context);
  const [cache, live] = await Promise.all([client.get("/api/cache", STATS), client.get("/api/live", LIVE)]);
  if (options.json) {
    context.stdout(`${JSON.stringify(cache, null, 2)}\n`);
    return;
  }
  const { results, reasons, redis } = cache;
  const told = Object.entries(results).map(([result, count]) => `${result} ${count}`);
  const lines = [
    `entries    ${cache.entries} of ${cache.maxEntries}`,
    `memory     ${size(cache.bytes)} of ${size(cache.maxBytes)}`,
    `evictions  ${cache.evictions}`,
    `filling    ${cache.filling}, ${size(cache.fillingBytes)}`,
    ...(redis === null ? [] : [`redis      ${redis.state}${redis.why === null ? "" : `: ${redis.why}`}`]),
    `hits       ${percent(live.hitRatio)} of ${live.cacheLookups} lookups`,
    `results    ${told.length === 0 ? "-" : told.join(", ")}`,
    ...reasons.slice(0, TOP).map(({ result, reason, count }) => `  ${`${result} ${reason}`.padEnd(30)} ${count}`),
  ];
  context.stdout(`${lines.join("\n")}\n`);
}

async function purge(options: PurgeOptions, context: CommandContext): Promise<void> {
  const { json, soft, url, prefix, tag, all } = options;
  const selectors = Object.entries({ url, prefix, tag, all }).filter(([, value]) => value !== undefined);
  if (selectors.length !== 1)
    throw new UserError("say what to purge with exactly one of --url URL, --prefix URL, --tag TAG and --all");
  const body = { ...Object.fromEntries(selectors), soft };
  const answer = await (await AdminClient.for(options, context)).send("POST", "/api/cache/purge", body, PURGED);
  const entries = `${answer.purged} ${answer.purged === 1 ? "entry" : "entries"}`;
  context.stdout(json ? `${JSON.stringify(answer)}\n` : soft ? `Marked ${entries} stale.\n` : `Removed ${entries}.\n`);
}

/** `headgate cache`: shows and empties the cache of a running gateway. */
export function registerCache(program: Command, context: CommandContext): void {
  const cache = program.command("cache").description("show and empty the cache of a running gateway");
  const json = (): Option => new Option("--json", "print what the admin API answered").default(false);
  withAdminOptions(cache.command("stats"))
    .description("show how full the cache is")
    .addOption(json())
    .action((options) => stats(options, context));
  withAdminOptions(cache.command("purge"))
    .description("remove entries from the cache")
    .option("--url <url>", "every variant of this URL")
    .option("--prefix <url>", "every URL that begins so")
    .option("--tag <tag>", "every response with this Surrogate-Key or Cache-Tag")
    .option("--all", "everything")
    .option("--soft", "mark entries stale instead of removing them, so that they are revalidated", false)
    .addOption(json())
    .action((options) => purge(options, context));
}
