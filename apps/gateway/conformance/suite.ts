import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

const NAME = "http-cache-tests";
const VERSION = "0.4.5";
/** Of the tarball on npm: what is run here is what was read. */
const SHA512 = "DjuwN9nUZXLTW+wav1LRESCZNVxl8SshwOy4z1pxuWbWt5/ay6sM9QQ1lebBaDO6P1IMBoK6mdf+PuVP/QNL8A==";
const FOLDER = fileURLToPath(new URL("../../../.conformance/", import.meta.url));

/** What a behaviour is to a cache: a duty, an advantage, or a question without a wrong answer. */
export type Kind = "required" | "optimal" | "check";

/** One behaviour as the suite writes it down; `kind` is "required" unless it says otherwise. */
export interface SuiteTest {
  readonly id: string;
  readonly name: string;
  readonly kind?: Kind;
  readonly browser_only?: boolean;
}

export interface TestGroup {
  readonly tests: readonly SuiteTest[];
}

/** By test: true, or the kind of failure and its message. */
export type Results = Readonly<Record<string, true | readonly [string, string]>>;

type OriginHandler = (segments: string[], request: IncomingMessage, response: ServerResponse) => void;

/** The parts of the suite that are used here. */
export interface Suite {
  readonly groups: readonly TestGroup[];
  /** Its origin's handlers, by the first segment of the path. */
  readonly origin: Readonly<Record<"config" | "test" | "state", OriginHandler>>;
  /** Runs so many tests at once: each pauses for seconds while its entries grow old. */
  run(base: string, atOnce: number): Promise<Results>;
}

/**
 * The suite, from npm on the first call. It is unpacked beside the project and never installed, since it asks for an npm of
 * its own; its client is written for node-fetch 2, and node's own fetch adds fields that spoil several tests.
 */
export async function loadSuite(fetch: unknown): Promise<Suite> {
  const folder = join(FOLDER, `${NAME}-${VERSION}`);
  if (!existsSync(folder)) await download(folder);
  const load = (path: string) => import(pathToFileURL(join(folder, path)).href);
  const [{ default: groups }, { runTests, getResults }, ...handlers] = await Promise.all([
    load("tests/index.mjs"),
    load("client/runner.mjs"),
    load("server/handle-config.mjs"),
    load("server/handle-test.mjs"),
    load("server/handle-state.mjs"),
  ]);
  const [config, test, state] = handlers.map((handler) => handler.default);
  return {
    groups,
    origin: { config, test, state },
    run: async (base, atOnce) => {
      await runTests(groups, fetch, false, base, atOnce);
      return getResults();
    },
  };
}

async function download(folder: string): Promise<void> {
  const work = join(FOLDER, `unpacking-${process.pid}`);
  mkdirSync(work, { recursive: true });
  try {
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    await run(npm, ["pack", `${NAME}@${VERSION}`, "--pack-destination", work], {
      shell: process.platform === "win32",
    });
    const tarball = join(work, `${NAME}-${VERSION}.tgz`);
    const hash = createHash("sha512").update(readFileSync(tarball)).digest("base64");
    if (hash !== SHA512) throw new Error(`${NAME}@${VERSION} from npm is not what it was: its SHA-512 is ${hash}`);
    await run("tar", ["-xzf", tarball, "-C", work]);
    renameSync(join(work, "package"), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
