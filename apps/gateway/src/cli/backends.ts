import { type Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import { type AdminOptions, withAdminOptions } from "./admin-address.ts";
import { AdminClient } from "./admin-client.ts";
import type { CommandContext } from "./options.ts";
import { type Paper, paperOf } from "./paper.ts";
import { poolTitle, renderBackends } from "./table.ts";

interface Options extends AdminOptions {
  readonly json: boolean;
}

interface PoolOptions extends Options {
  readonly pool: string;
}

const BACKEND = z.looseObject({
  id: z.string(),
  url: z.string(),
  pool: z.string(),
  state: z.enum(["NOT_INITIATED", "HEALTHY", "UNREACHABLE"]),
  draining: z.boolean(),
  ejected: z.boolean(),
  failures: z.number(),
  lastHealthy: z.number().nullable(),
  active: z.number(),
  weight: z.number(),
  perSecond: z.number(),
  p99: z.number().nullable(),
});

const POOLS = z.array(
  z.looseObject({
    name: z.string(),
    balancing: z.string(),
    sticky: z.string().nullable(),
    subset: z.number().nullable(),
    active: z.number(),
    limit: z.number().nullable(),
    waiting: z.number(),
    breaker: z.enum(["closed", "open", "half-open"]).nullable(),
    panic: z.boolean(),
    backends: z.array(BACKEND),
  }),
);

type Pools = z.infer<typeof POOLS>;

function backendsPath(pool: string): string {
  return `/api/pools/${encodeURIComponent(pool)}/backends`;
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function weightOf(text: string): number {
  const weight = Number(text);
  if (!Number.isInteger(weight) || weight < 1) throw new InvalidArgumentError("Expected a whole number from 1.");
  return weight;
}

async function list(options: Options & { pool?: string }, context: CommandContext, paper: Paper): Promise<void> {
  const { json, pool } = options;
  const client = await AdminClient.for(options, context);
  const groups =
    pool === undefined
      ? groupsOf(await client.get("/api/pools", POOLS))
      : [{ title: null, rows: await client.get(backendsPath(pool), z.array(BACKEND)) }];
  if (json) return context.stdout(toJson(groups.flatMap(({ rows }) => rows)));
  context.stdout(`${renderBackends(groups, paper).join("\n")}\n`);
}

function groupsOf(pools: Pools) {
  return pools.map((pool) => ({ title: poolTitle(pool, pools.length > 1), rows: pool.backends }));
}

type AddOptions = PoolOptions & { weight?: number; lease?: string };

async function add(url: string, options: AddOptions, context: CommandContext): Promise<void> {
  const { json, pool, weight, lease } = options;
  const client = await AdminClient.for(options, context);
  const added = await client.send("POST", backendsPath(pool), { url, weight, lease }, BACKEND);
  const until = lease === undefined ? "" : `, for ${lease} unless it is added again`;
  context.stdout(json ? toJson(added) : `Added ${added.url} to pool ${pool}, weight ${added.weight}${until}.\n`);
}

async function remove(backend: string, options: PoolOptions, context: CommandContext): Promise<void> {
  const { json, pool } = options;
  const client = await AdminClient.for(options, context);
  await client.send("DELETE", backendsPath(pool), named(backend), z.unknown());
  if (!json) context.stdout(`Removed ${backend} from pool ${pool}; what runs on it is finished.\n`);
}

async function drain(
  verb: "drain" | "enable",
  backend: string,
  options: PoolOptions & { deadline?: string },
  context: CommandContext,
): Promise<void> {
  const { json, pool, deadline } = options;
  const query = deadline === undefined ? "" : `?deadline=${encodeURIComponent(deadline)}`;
  const path = `${backendsPath(pool)}/${verb}${query}`;
  const client = await AdminClient.for(options, context);
  const changed = await client.send("POST", path, named(backend), BACKEND);
  const told = changed.draining ? "gets no new exchanges" : "gets traffic again";
  context.stdout(json ? toJson(changed) : `${changed.url} of pool ${pool} ${told}.\n`);
}

/** A backend as typed, by URL or `host:port`. */
function named(backend: string): { url: string } | { id: string } {
  return backend.includes("://") ? { url: backend } : { id: backend };
}

/** `headgate backends`: shows and changes the backends of a running gateway. */
export function registerBackends(
  program: Command,
  context: CommandContext,
  paper: Paper = paperOf(process.stdout),
): void {
  const backends = program.command("backends").description("show and change the backends of a running gateway");
  const command = (usage: string, description: string, isDefault = false): Command =>
    withAdminOptions(backends.command(usage, { isDefault }))
      .description(description)
      .option("--json", "print what the admin API answered", false);
  const ofPool = (usage: string, description: string): Command =>
    command(usage, description).option("--pool <name>", "the pool", "default");

  command("list", "show all backends, or those of one pool (the default)", true)
    .option("--pool <name>", "this pool alone")
    .action((options) => list(options, context, paper));
  ofPool("add <url>", "add a backend to a pool, or change its weight")
    .option("--weight <number>", "share of the traffic, relative to the others", weightOf)
    .option("--lease <duration>", "take it out again after this time, such as 10s, unless it is added again before")
    .action((url, options) => add(url, options, context));
  ofPool("remove <backend>", "take a backend, named by host:port or URL, out of its pool").action((backend, options) =>
    remove(backend, options, context),
  );
  ofPool("drain <backend>", "give a backend no new exchanges but those of its sessions")
    .option("--deadline <duration>", "when what is left is ended, such as 30s (default: the pool's `drain`)")
    .action((backend, options) => drain("drain", backend, options, context));
  ofPool("enable <backend>", "end the drain of a backend").action((backend, options) =>
    drain("enable", backend, options, context),
  );
}
