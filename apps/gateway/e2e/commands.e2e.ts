import { readBackend, readBackends } from "./support/backends-api.ts";
import { type Ended, headgate } from "./support/command.ts";
import { Origin, told } from "./support/origin.ts";
import { type PlainBackend, startPlainBackend } from "./support/plain-backend.ts";
import { closedPort } from "./support/raw-backend.ts";

let origin: Origin;
let other: PlainBackend;
beforeAll(async () => {
  origin = await Origin.start();
  other = await startPlainBackend((_request, response) => void response.end("other"));
});
afterAll(async () => {
  await origin.stop();
  await other.close();
});

/** A command that asks the running gateway. */
const run = (...args: string[]): Promise<Ended> => headgate([...args, "--admin", origin.gateway.admin]);

const succeeded = (stdout: unknown) => ({ code: 0, stderr: "", stdout });

test("headgate backends adds, drains, lists, enables and removes", async () => {
  const { admin } = origin.gateway;
  expect(await run("backends", "add", `http://${other.id}`, "--weight", "3")).toEqual(
    succeeded(`Added http://${other.id} to pool default, weight 3.\n`),
  );
  expect(await run("backends", "drain", other.id)).toEqual(
    succeeded(`http://${other.id} of pool default gets no new exchanges.\n`),
  );
  expect(await readBackend(admin, other.id)).toMatchObject({ draining: true, weight: 3 });
  const { stdout } = await run("backends");
  expect(stdout).toMatch(
    /^\| Backend URL +\| Status +\| Failures +\| Last Healthy +\| Active +\| Req\/s +\| p99 +\|\n/,
  );
  expect(stdout).toMatch(new RegExp(`\\| http://${origin.backend.id} +\\| HEALTHY +\\|`));
  expect(stdout).toMatch(new RegExp(`\\| http://${other.id} +\\| HEALTHY \\(DRAINING\\) +\\|`));
  expect(await run("backends", "enable", `http://${other.id}`)).toEqual(
    succeeded(`http://${other.id} of pool default gets traffic again.\n`),
  );
  expect(await run("backends", "remove", other.id)).toMatchObject({ code: 0 });
  expect((await readBackends(admin)).map(({ id }) => id)).toEqual([origin.backend.id]);
});

test("headgate cache shows and empties", async () => {
  origin.counts("/kept", { "Cache-Control": "max-age=600" });
  await origin.get("/kept");
  expect(told(await origin.get("/kept"))).toBe("HIT 1");
  const { code, stdout } = await run("cache", "stats");
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^entries +1 of 1000\nmemory +[\d.]+ \S+ of 64 ?MiB\nevictions +0\nfilling +0, 0 B\nhits +50\.0 % of 2 lookups\nresults +MISS 1, HIT 1\n +MISS uri-miss +1\n$/,
  );
  expect(await run("cache", "purge", "--url", origin.url("/kept"))).toEqual(succeeded("Removed 1 entry.\n"));
  expect(told(await origin.get("/kept"))).toBe("MISS 2");
});

test("what cannot be done: one line, exit 1", async () => {
  const { code, stdout, stderr } = await run("backends", "drain", "127.0.0.1:1");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^headgate: .*no backend "127\.0\.0\.1:1".*\n$/);
});

test("no gateway there: one line that says so, exit 1", async () => {
  const admin = `http://127.0.0.1:${await closedPort()}`;
  const { code, stderr } = await headgate(["backends", "--admin", admin]);
  expect(code).toBe(1);
  expect(stderr).toMatch(new RegExp(`^headgate: no gateway answers on ${admin} \\(connection refused\\)\\. .+\\n$`));
});
