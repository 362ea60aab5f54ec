import { CommanderError } from "commander";
import { backendCommand, type CommandOptions } from "../src/options.ts";

async function parse(...args: string[]): Promise<CommandOptions | { error: string; help: string }> {
  let result: CommandOptions | undefined;
  let output = "";
  const command = backendCommand(async (options) => {
    result = options;
  }).configureOutput({ writeErr: (text) => (output += text), writeOut: (text) => (output += text) });
  try {
    await command.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return { error: error.message, help: output };
    throw error;
  }
  return result ?? { error: "no action", help: output };
}

test("the defaults are plain http on 127.0.0.1, quiet", async () => {
  expect(await parse("8000")).toEqual({ port: 8000, host: "127.0.0.1", tls: false, debug: false, registration: null });
});

test("every option is taken, in any order", async () => {
  expect(await parse("--tls", "0", "--host", "::1", "--debug")).toEqual({
    port: 0,
    host: "::1",
    tls: true,
    debug: true,
    registration: null,
  });
});

test("it may register with a gateway, for a lease of 10 s in the default pool or as told", async () => {
  const register = "http://127.0.0.1:9901";
  expect(await parse("0", "--register", register)).toMatchObject({
    registration: { register, pool: "default", lease: 10_000 },
  });
  expect(await parse("0", "--register", register, "--pool", "api", "--lease", "1.5s")).toMatchObject({
    registration: { register, pool: "api", lease: 1500 },
  });
});

test.each([
  [["65536"], /'65536'.*whole number from 0 to 65535/],
  [["-1"], /'-1'.*whole number/],
  [["80a"], /'80a'.*whole number/],
  [["1e3"], /'1e3'.*whole number/],
  [[""], /whole number/],
  [[], /missing required argument 'port'/],
  [["8000", "9000"], /too many arguments/],
  [["8000", "--tsl"], /unknown option '--tsl'[\s\S]*--tls/],
  [["8000", "--register", "127.0.0.1:9901"], /'127.0.0.1:9901'.*Expected the URL of a gateway's admin listener/],
  [["8000", "--lease", "500ms"], /'500ms'.*Expected 1s to 60m/],
  [["8000", "--lease", "10"], /'10'.*such as 10s/],
  [["8000", "--host"], /'--host <address>' argument missing/],
])("%j is refused with its reason", async (args, message) => {
  const outcome = await parse(...args);
  expect(outcome).toHaveProperty("error", expect.stringMatching(message));
});

test("the help tells every fault, path and exit status", async () => {
  const outcome = await parse("--help");
  for (const word of [
    "?delay",
    "?status",
    "?size",
    "?cache",
    "?drop",
    "/health",
    "/events",
    "/ws",
    "_admin/unhealthy",
    "Exit status",
  ]) {
    expect(outcome).toHaveProperty("help", expect.stringContaining(word));
  }
});
