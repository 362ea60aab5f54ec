import { type Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import { AdminClient, adminOption } from "./admin-client.ts";
import type { CommandContext } from "./options.ts";
import { renderBackends, type TableSize } from "./table.ts";

/** What the table is printed on. */
export type Paper = Pick<TableSize, "columns" | "colour">;

interface Options {
  readonly admin: string;
  readonly json: boolean;
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

const POOLS = z.array(z.looseObject({ name: z.string(), balancing: z.string(), backends: z.array(BACKEND) }));

type Pools = z.infer<typeof POOLS>;

const DEFAULT_POOL = "default";

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

async function list(
  { admin, json, pool }: Partial<Options> & Pick<Options, "admin">,
  context: CommandContext,
  paper: Paper,
): Promise<void> {
  const client = new AdminClient(admin);
  const pools: Pools =
    pool === undefined
      ? await client.get("/api/pools", POOLS)
      : [{ name: pool, balancing: "", backends: await client.get(backendsPath(pool), z.array(BACKEND)) }];
  if (json === true) {
    context.stdout(toJson(pools.flatMap(({ backends }) => backends)));
    return;
  }
  const several = pools.length > 1;
  const groups = pools.map(({ name, balancing, backends }) => ({
    title: several ? `${name} (${balancing})` : null,
    rows: backends,
  }));
  context.stdout(`${renderBackends(groups, paper).join("\n")}\n`);
}

/** `headgate backends`: shows and changes the backends of a running gateway. */
export function registerBackends(
  program: Command,
  context: CommandContext,
  paper: Paper = paperOf(process.stdout),
): void {
  const backends = program.command("backends").description("show and change the backends of a running gateway");
  const command = (usage: string, description: string, isDefault = false): Command =>
    backends
      .command(usage, { isDefault })
      .description(description)
      .addOption(adminOption())
      .option("--json", "print what the admin API answered", false);

  command("list", "show all backends, or those of one pool (the default)", true)
    .option("--pool <name>", "this pool alone")
    .action((options) => list(options, context, paper));

  command("add <url>", "add a backend to a pool, or change its weight")
    .option("--pool <name>", "the pool", DEFAULT_POOL)
    .option("--weight <number>", "share of the traffic, relative to the others", weightOf)
    .action(async (url: string, options: Options & { weight?: number }) => {
      const { admin, json, pool, weight } = options;
      const added = await new AdminClient(admin).send("POST", backendsPath(pool), { url, weight }, BACKEND);
      context.stdout(json ? toJson(added) : `Added ${added.url} to pool ${pool}, weight ${added.weight}.\n`);
    });

  command("remove <backend>", "take a backend, named by host:port or URL, out of its pool")
    .option("--pool <name>", "the pool", DEFAULT_POOL)
    .action(async (backend: string, { admin, json, pool }: Options) => {
      await new AdminClient(admin).send("DELETE", backendsPath(pool), named(backend), z.unknown());
      if (!json) context.stdout(`Removed ${backend} from pool ${pool}; what runs on it is finished.\n`);
    });

  const change = (verb: "drain" | "enable", description: string, told: string): Command =>
    command(`${verb} <backend>`, description)
      .option("--pool <name>", "the pool", DEFAULT_POOL)
      .action(async (backend: string, { admin, json, pool }: Options) => {
        const changed = await new AdminClient(admin).send(
          "POST",
          `${backendsPath(pool)}/${verb}`,
          named(backend),
          BACKEND,
        );
        context.stdout(json ? toJson(changed) : `${changed.url} of pool ${pool} ${told}.\n`);
      });
  change("drain", "give a backend no new exchanges", "gets no new exchanges");
  change("enable", "end the drain of a backend", "gets traffic again");
}

/** A backend as typed, by URL or `host:port`. */
function named(backend: string): { url: string } | { id: string } {
  return backend.includes("://") ? { url: backend } : { id: backend };
}

function paperOf(stdout: NodeJS.WriteStream): Paper {
  return stdout.isTTY
    ? { columns: stdout.columns || 80, colour: stdout.hasColors() }
    : { columns: Number.POSITIVE_INFINITY, colour: false };
}
