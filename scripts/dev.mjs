// What `pnpm dev` runs: four sample backends and the gateway, started together and ended together.
import { fork } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, existsSync, mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const configNames = ["ts", "yaml", "yml", "json"].map((ending) => `headgate.config.${ending}`);
const hint = 'curl -k https://localhost:8443/test -H "X-API-Key: test-api-key-123"';
const help = `Usage: pnpm dev [arguments of \`headgate start\`, such as --config F or --workers N]

Runs the gateway on https://localhost:8443 and http://localhost:8080, its dashboard on http://127.0.0.1:9901, and four
sample backends on ports 8000 to 8003. In a terminal the gateway shows its status table there, and the backends write to
.headgate/dev.log. Ctrl-C ends all of it.

A backend that ends is not started again: \`pnpm sample-backend 8001\` does that.
Exit status: 0 after Ctrl-C or SIGTERM, 1 where a port is taken, else the gateway's own.`;

/** What runs where; another one is given by tests alone. */
const usual = {
  backend: join(root, "apps/sample-backend/dist/main.js"),
  gateway: join(root, "apps/gateway/dist/main.js"),
  log: join(root, ".headgate/dev.log"),
  backendPorts: [8000, 8001, 8002, 8003],
  /** Of the built-in config, with the addresses each is bound on. */
  gatewayPorts: [
    { port: 8080, of: "gateway, http", hosts: ["127.0.0.1", "::1"] },
    { port: 8443, of: "gateway, https", hosts: ["127.0.0.1", "::1"] },
    { port: 9901, of: "gateway, admin", hosts: ["127.0.0.1"] },
  ],
};

/** The gateway finishes running exchanges; then it is told to hurry, then ended, ms. */
const gatewayPatience = { hurry: 2500, kill: 3300 };
/** From when the gateway has ended; a backend gives running requests a second by itself. */
const backendPatience = { hurry: 1100, kill: 1200 };

/** Whether something listens there. An address that this machine does not have is not taken. */
async function isTaken(port, host) {
  const server = createServer().listen({ port, host, exclusive: true });
  try {
    await once(server, "listening");
  } catch (error) {
    return error.code === "EADDRINUSE";
  }
  server.close();
  await once(server, "close");
  return false;
}

/** With a config of its own the gateway may listen elsewhere, and tells by itself where it cannot. */
function usesBuiltInConfig(args) {
  const named = args.some((arg) => arg.startsWith("--config") || arg === "-c");
  const variable = Object.keys(process.env).some((name) => /^HEADGATE_(CONFIG|LISTENERS|ADMIN)/.test(name));
  return !named && !variable && !configNames.some((name) => existsSync(name));
}

async function takenPorts(args, { backendPorts, gatewayPorts }) {
  const backends = backendPorts.map((port) => ({ port, of: "sample backend", hosts: ["127.0.0.1"] }));
  const wanted = [...backends, ...(usesBuiltInConfig(args) ? gatewayPorts : [])];
  const taken = [];
  for (const { port, of, hosts } of wanted) {
    const answers = await Promise.all(hosts.map((host) => isTaken(port, host)));
    if (answers.includes(true)) taken.push(`${port} (${of})`);
  }
  return taken;
}

/**
 * Ends a child: closes its IPC channel, which it takes as the wish to stop, then SIGTERM, then SIGKILL.
 * A terminal's Ctrl-C has reached the gateway already, and a signal on top of it would count as a second one.
 */
async function end(child, { hurry, kill }) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  if (child.connected) child.disconnect();
  const timers = [setTimeout(() => child.kill("SIGTERM"), hurry), setTimeout(() => child.kill("SIGKILL"), kill)];
  await exited;
  for (const timer of timers) clearTimeout(timer);
}

const howEnded = (port, how) =>
  `the sample backend on port ${port} ended (${how}); to start it again: pnpm sample-backend ${port}`;

class Session {
  #settings;
  #terminal = process.stdout.isTTY === true;
  #backends = [];
  #gateway;
  #stopping = false;
  #writeLog;

  constructor(settings) {
    this.#settings = settings;
    this.#writeLog = this.#terminal ? this.#openLog() : (line) => console.log(line);
  }

  async run(args) {
    this.#watch();
    const started = await Promise.all(this.#settings.backendPorts.map((port) => this.#startBackend(port)));
    if (this.#stopping) return;
    if (started.includes(false)) return this.stop(1);
    this.#startGateway(args);
  }

  /** Ends the gateway while the backends still answer what runs through it, then the backends; then this process. */
  async stop(code) {
    if (this.#stopping) return;
    this.#stopping = true;
    if (this.#gateway !== undefined) await end(this.#gateway, gatewayPatience);
    await Promise.all(this.#backends.map((child) => end(child, backendPatience)));
    process.exit(code);
  }

  #watch() {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => void this.stop(0));
    // Whoever reads the output may go away; that ends nothing.
    process.stdout.on("error", () => undefined);
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && void this.stop(1), 1000).unref();
  }

  #openLog() {
    mkdirSync(join(this.#settings.log, ".."), { recursive: true });
    const file = createWriteStream(this.#settings.log);
    return (line) => file.write(`${line}\n`);
  }

  /** Says a line to the person. In a terminal that the gateway draws on, the gateway is asked to show it. */
  #say(line) {
    this.#writeLog(`[dev] ${line}`);
    if (!this.#terminal) return;
    if (this.#gateway?.connected) this.#gateway.send({ type: "notice", text: line });
    else console.log(line);
  }

  /** Resolves with whether it listens. */
  async #startBackend(port) {
    // A process group of its own: a Ctrl-C must not end the backends before the gateway has finished.
    const detached = process.platform !== "win32";
    const stdio = ["ignore", "pipe", "pipe", "ipc"];
    const child = fork(this.#settings.backend, [String(port)], { stdio, detached });
    this.#backends.push(child);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => this.#writeLog(`[${port}] ${line}`));
    }
    const exited = once(child, "exit").then(([code, signal]) => {
      if (!this.#stopping) this.#say(howEnded(port, signal ?? `exit ${code}`));
      return false;
    });
    return Promise.race([exited, once(child, "message").then(() => true)]);
  }

  #startGateway(args) {
    const { gateway } = this.#settings;
    const builtIn = usesBuiltInConfig(args);
    const debug = this.#terminal && !args.includes("--debug") ? ["--debug"] : [];
    const child = fork(gateway, ["start", ...debug, ...args], { stdio: ["inherit", "inherit", "inherit", "ipc"] });
    this.#gateway = child;
    child.once("exit", (code, signal) => {
      if (signal !== null) this.#say(`the gateway was ended by ${signal}`);
      void this.stop(code ?? 1);
    });
    child.once("message", () => {
      if (!this.#terminal && builtIn) this.#say(`try: ${hint}`);
    });
  }
}

/** Runs until Ctrl-C, SIGTERM, the end of the gateway or the end of the parent process; then ends this process. */
export async function dev(args, settings = usual) {
  if (args.includes("--help") || args.includes("-h")) {
    console.log(help);
    return;
  }
  const taken = await takenPorts(args, settings);
  if (taken.length > 0) {
    const ports = taken.length === 1 ? `port ${taken[0]} is` : `ports ${taken.join(", ")} are`;
    console.error(`pnpm dev: ${ports} in use: stop what runs there (another \`pnpm dev\`?) and try again.`);
    process.exit(1);
  }
  await new Session(settings).run(args);
}
