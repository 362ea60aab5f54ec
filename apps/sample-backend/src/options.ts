import { Command, InvalidArgumentError, Option } from "commander";
import type { RegistrationOptions } from "./registration.ts";

/** What the command line asks for. */
export interface CommandOptions extends BackendOptions {
  /** The gateway to register with; null for none. */
  readonly registration: RegistrationOptions | null;
}

/** How a backend listens and answers. */
export interface BackendOptions {
  /** 0 to 65535; 0 lets the system choose. */
  readonly port: number;
  /** Address to listen on. Default: `127.0.0.1`. */
  readonly host: string;
  /** Serve https with a certificate made at start. */
  readonly tls: boolean;
  /** Echo the request's headers and log a line a request. */
  readonly debug: boolean;
}

const guide = `
What it answers:
  any method, any path   JSON: port, method, path, query and the body it got (JSON parsed; other text as it came)
  GET /health            200 {"status":"ok","load":{"cpu":0.02,"memory":0.004,...}}, or 503 while unhealthy
  GET /events            server-sent events, one a second; ?interval=MS changes that, ?count=N ends after N
  /ws                    a WebSocket that echoes text and binary messages
  POST /_admin/unhealthy turns /health to 503; POST /_admin/healthy turns it back
  GET /_admin/stats      how many requests were executed, by method, and which ids came more than once;
                         ?ids lists the last 10,000 ids (a JSON body's "id", else the X-Request-Id field)

Faults, as query parameters of any path but /_admin and /ws; they combine
(/health and /events have a body of their own: they know delay, status, cache and drop=head):
  ?delay=MS              waits before it answers, up to 600000
  ?status=CODE           answers with this status, 200 to 599
  ?size=BYTES            answers with so many bytes instead of JSON: 1048576, 64KiB, 1GiB
  ?cache=HEADER-VALUE    sets Cache-Control: ?cache=max-age=60, ?cache=no-store
  ?drop=head|body        breaks the connection off before the head, or half way through the body

Examples:
  sample-backend 8000
  sample-backend 8001 --debug --tls
  sample-backend 8004 --register http://127.0.0.1:9901 --lease 10s
  curl 'http://127.0.0.1:8000/hello?delay=200&status=503'

With --register it adds itself to a pool of that gateway, renews its lease three times before it would run out, keeps trying
while the gateway is away, and takes itself out when it stops. What ends otherwise is taken out when its lease runs out.

It stops on SIGINT and SIGTERM, and when the process that forked it goes away.
Exit status: 0 after a stop, 1 where it cannot listen (port in use, unknown host), 2 for wrong arguments.`;

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new InvalidArgumentError("Expected a whole number from 0 to 65535, such as 8000 (0: any free port).");
  }
  return port;
}

const LEASE = /^(\d+(?:\.\d+)?)(ms|s|m)$/;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

function parseLease(text: string): number {
  const [, digits, unit = ""] = LEASE.exec(text) ?? [];
  const ms = Math.round(Number(digits) * (UNITS[unit] ?? Number.NaN));
  if (ms >= 1000 && ms <= 3_600_000) return ms;
  throw new InvalidArgumentError("Expected 1s to 60m, such as 10s.");
}

function parseGateway(text: string): string {
  if (URL.canParse(text) && /^https?:\/\//.test(text)) return text;
  throw new InvalidArgumentError("Expected the URL of a gateway's admin listener, such as http://127.0.0.1:9901.");
}

interface Flags extends Omit<BackendOptions, "port"> {
  readonly register?: string;
  readonly pool: string;
  readonly lease: number;
}

/** Builds the command; `action` gets what was asked for. Throws commander's `CommanderError` instead of exiting. */
export function backendCommand(action: (options: CommandOptions) => Promise<void>): Command {
  return new Command("sample-backend")
    .description("A backend to put behind a gateway: it echoes requests as JSON, tells its health and fails on demand.")
    .argument("<port>", "port to listen on; 0 takes any free one and prints it", parsePort)
    .option("--debug", "echo the request's headers too, and log a line a request", false)
    .option("--tls", "serve https with a self-signed certificate made at start", false)
    .option("--host <address>", "address to listen on, such as ::1 or 0.0.0.0", "127.0.0.1")
    .option("--register <url>", "add itself to a gateway, by its admin listener", parseGateway)
    .option("--pool <name>", "pool to register in", "default")
    .addOption(
      new Option("--lease <duration>", "how long it stays there without a sign of life")
        .argParser(parseLease)
        .default(10_000, "10s"),
    )
    .addHelpText("after", guide)
    .showHelpAfterError("(sample-backend --help tells what is possible)")
    .exitOverride()
    .action((port: number, { register, pool, lease, ...flags }: Flags) =>
      action({ port, ...flags, registration: register === undefined ? null : { register, pool, lease } }),
    );
}
