import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Command } from "commander";
import { z } from "zod";
import { AdminClient } from "../../src/cli/admin-client.ts";
import { registerBackends } from "../../src/cli/backends.ts";
import { registerCache } from "../../src/cli/cache.ts";
import type { CommandContext } from "../../src/cli/options.ts";
import { run } from "../../src/cli/run.ts";
import { TestAdmin } from "./client.ts";
import { aBackend } from "./fake-control.ts";

interface Ran {
  code: number;
  out: string;
  err: string;
}

/** Runs a command line as `main` would. */
async function headgate(...args: string[]): Promise<Ran> {
  const ran: Ran = { code: 0, out: "", err: "" };
  const context: CommandContext = {
    stdout: (text) => {
      ran.out += text;
    },
    stderr: (text) => {
      ran.err += text;
    },
    env: {},
    cwd: "/",
    now: () => 0,
  };
  const program = new Command("headgate")
    .configureOutput({ writeOut: context.stdout, writeErr: context.stderr })
    .exitOverride();
  registerBackends(program, context, { columns: 120, colour: false });
  registerCache(program, context);
  ran.code = await run(args, context, program);
  return ran;
}

let admin: TestAdmin;
beforeEach(async () => {
  admin = await new TestAdmin().start();
});
afterEach(() => admin.stop());

const ids = (): string[] => admin.control.pools().flatMap(({ backends }) => backends.map(({ id }) => id));

describe("headgate backends", () => {
  test.each([[["backends"]], [["backends", "list"]], [["backends", "list", "--pool", "default"]]])(
    "%j prints the table",
    async (args) => {
      const { code, out } = await headgate(...args, "--admin", admin.url);
      expect(code).toBe(0);
      const [header, first, second, ...rest] = out.split("\n");
      expect(header).toBe("| Backend URL           | Status  | Failures | Last Healthy | Active | Req/s | p99   |");
      expect(first).toMatch(
        /^\| http:\/\/127\.0\.0\.1:8000 \| HEALTHY \| {8}0 \| \d\d:\d\d:\d\d {5}\| {6}0 \| {3}0\.5 \| 4 ms {2}\|$/,
      );
      expect(second).toMatch(/^\| http:\/\/127\.0\.0\.1:8001 /);
      expect(rest).toEqual([""]);
    },
  );

  test("several pools stand under their names", async () => {
    admin.control.members.set("api", [aBackend(9000, { pool: "api" })]);
    const { out } = await headgate("backends", "--admin", admin.url);
    expect(out).toContain("| default (round-robin) ");
    expect(out).toContain("| api (round-robin) ");
    expect((await headgate("backends", "list", "--pool", "api", "--admin", admin.url)).out).not.toContain("8000");
  });

  test("list --json prints what the API has", async () => {
    const { out } = await headgate("backends", "list", "--json", "--admin", admin.url);
    expect(JSON.parse(out)).toEqual((await admin.ask("/api/backends")).json);
  });

  test("add, drain, enable and remove", async () => {
    const at = ["--admin", admin.url];
    expect(await headgate("backends", "add", "http://127.0.0.1:8004", "--weight", "3", ...at)).toEqual({
      code: 0,
      out: "Added http://127.0.0.1:8004 to pool default, weight 3.\n",
      err: "",
    });
    expect((await headgate("backends", "drain", "127.0.0.1:8004", ...at)).out).toBe(
      "http://127.0.0.1:8004 of pool default gets no new exchanges.\n",
    );
    expect((await headgate("backends", "enable", "http://127.0.0.1:8004", ...at)).out).toBe(
      "http://127.0.0.1:8004 of pool default gets traffic again.\n",
    );
    expect((await headgate("backends", "remove", "http://127.0.0.1:8001", ...at)).out).toBe(
      "Removed http://127.0.0.1:8001 from pool default; what runs on it is finished.\n",
    );
    expect(ids()).toEqual(["127.0.0.1:8000", "127.0.0.1:8004"]);
  });

  test("add for a lease", async () => {
    const args = ["backends", "add", "http://127.0.0.1:8004", "--lease", "10s", "--admin", admin.url];
    expect((await headgate(...args)).out).toBe(
      "Added http://127.0.0.1:8004 to pool default, weight 1, for 10s unless it is added again.\n",
    );
    expect((await headgate(...args, "--json")).out).toContain("leaseUntilAt");
  });

  test("changes answer in JSON where that is asked for", async () => {
    const at = ["--json", "--admin", admin.url];
    expect(JSON.parse((await headgate("backends", "add", "http://127.0.0.1:8004", ...at)).out)).toMatchObject({
      id: "127.0.0.1:8004",
      weight: 1,
    });
    expect(JSON.parse((await headgate("backends", "drain", "127.0.0.1:8004", ...at)).out)).toMatchObject({
      draining: true,
    });
    const drained = await headgate("backends", "drain", "127.0.0.1:8004", "--deadline", "1m", ...at);
    expect(JSON.parse(drained.out)).toMatchObject({ drainUntilAt: "2026-01-02T00:01:00.000Z" });
    expect((await headgate("backends", "remove", "127.0.0.1:8004", ...at)).out).toBe("");
  });

  test("what the admin API refuses is told in its words, exit 1", async () => {
    const { code, out, err } = await headgate(
      "backends",
      "drain",
      "127.0.0.1:8009",
      "--pool",
      "defalt",
      "--admin",
      admin.url,
    );
    expect({ code, out, err }).toEqual({
      code: 1,
      out: "",
      err: 'headgate: There is no pool "defalt". Did you mean default?\n',
    });
  });

  test("a weight that is none is a bad argument, exit 2", async () => {
    const { code, err } = await headgate(
      "backends",
      "add",
      "http://127.0.0.1:8004",
      "--weight",
      "1.5",
      "--admin",
      admin.url,
    );
    expect(code).toBe(2);
    expect(err).toContain("Expected a whole number from 1.");
  });
});

describe("headgate cache", () => {
  test("stats", async () => {
    expect(await headgate("cache", "stats", "--admin", admin.url)).toEqual({
      code: 0,
      out: [
        "entries    2 of 1000",
        "memory     4.9 KiB of 64 MiB",
        "evictions  0",
        "filling    1, 2 KiB",
        "redis      down: connect ECONNREFUSED",
        "hits       0.0 % of 1 lookups",
        "results    HIT 7, MISS 7",
        "  MISS uri-miss                  5",
        "  MISS private                   2",
        "",
      ].join("\n"),
      err: "",
    });
    expect(JSON.parse((await headgate("cache", "stats", "--json", "--admin", admin.url)).out)).toMatchObject({
      entries: 2,
    });
  });

  test.each([
    [["--url", "http://a/b"], { kind: "url", url: "http://a/b" }, "hard", "Removed 3 entries.\n"],
    [["--prefix", "http://a/"], { kind: "prefix", prefix: "http://a/" }, "hard", "Removed 3 entries.\n"],
    [["--tag", "news", "--soft"], { kind: "tag", tag: "news" }, "soft", "Marked 3 entries stale.\n"],
    [["--all", "--json"], { kind: "all" }, "hard", '{"purged":3,"mode":"hard"}\n'],
  ])("purge %j", async (args, selector, mode, out) => {
    expect(await headgate("cache", "purge", ...args, "--admin", admin.url)).toEqual({ code: 0, out, err: "" });
    expect(admin.cache.purges).toEqual([[selector, mode]]);
  });

  test("one entry is an entry", async () => {
    admin.cache.purge = async () => 1;
    expect((await headgate("cache", "purge", "--all", "--admin", admin.url)).out).toBe("Removed 1 entry.\n");
  });

  test.each([[[]], [["--url", "http://a/b", "--all"]]])(
    "purge %j is refused before anything is asked",
    async (args) => {
      const { code, err } = await headgate("cache", "purge", ...args, "--admin", "http://127.0.0.1:1");
      expect({ code, err }).toEqual({
        code: 1,
        err: "headgate: say what to purge with exactly one of --url URL, --prefix URL, --tag TAG and --all\n",
      });
    },
  );
});

describe("where no gateway answers", () => {
  test("one line says what to do, exit 1", async () => {
    await admin.stop();
    const { port } = await listen(createServer());
    const { code, err } = await headgate("backends", "--admin", `http://127.0.0.1:${port}`);
    expect(code).toBe(1);
    expect(err).toBe(
      `headgate: no gateway answers on http://127.0.0.1:${port} (connection refused). Start one with "headgate start", or name its admin listener with --admin URL.\n`,
    );
    admin = await new TestAdmin().start();
  });

  test("nor where something else does", async () => {
    const other = createServer((_, response) => response.end("hello"));
    const { port, close } = await listen(other, false);
    const { code, err } = await headgate("cache", "stats", "--admin", `http://127.0.0.1:${port}`);
    expect(code).toBe(1);
    expect(err).toContain(
      "does not answer as the admin listener of a gateway (status 200). Name the right one with --admin URL.",
    );
    await close();
  });

  test("nor where nothing comes back", async () => {
    const { port, close } = await listen(
      createServer(() => undefined),
      false,
    );
    const asked = new AdminClient(`http://127.0.0.1:${port}`, 50).get("/livez", z.unknown());
    await expect(asked).rejects.toThrow(`no gateway answers on http://127.0.0.1:${port} (no answer in time).`);
    await close();
  });

  test.each(["nonsense", "ftp://a"])("--admin %s is refused", async (url) => {
    const { code, err } = await headgate("backends", "--admin", url);
    expect({ code, err }).toEqual({
      code: 1,
      err: `headgate: --admin: "${url}" is not a URL such as http://127.0.0.1:9901.\n`,
    });
  });
});

/** Opens a server on any port; `free` closes it at once, so that nothing listens there. */
async function listen(server: Server, free = true): Promise<{ port: number; close: () => Promise<unknown> }> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<unknown> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  if (free) await close();
  return { port, close };
}
