import { isIP } from "node:net";
import { z } from "zod";
import { count, duration, flag, text } from "./fields.ts";

export const headers = z
  .strictObject({
    backendServer: flag().prefault(true).describe("Tells in `X-Backend-Server` which backend answered."),
    serverTiming: flag().prefault(true).describe("Tells in `Server-Timing` where the time went."),
  })
  .prefault({})
  .describe("Response fields that tell about the gateway's inside.");

export const log = z
  .strictObject({
    level: z
      .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"])
      .prefault("info")
      .describe("Least severity that is logged."),
    access: flag().prefault(true).describe("Logs a line for each exchange."),
  })
  .prefault({})
  .describe("Structured logs on standard output.");

export const shutdown = z
  .strictObject({
    grace: duration({ min: 0 })
      .prefault("10s")
      .describe("How long running exchanges may take to finish on SIGTERM or SIGINT."),
  })
  .prefault({})
  .describe("How the gateway stops.");

export const workers = z
  .union([count(1, 1024), z.literal("auto")], { error: "a whole number from 1 to 1024, or auto" })
  .prefault(1)
  .describe(
    "Processes that carry requests; `auto` is one for each processor. With more than one, health checks and the admin API are in a process of their own, and limits and the cache's room are divided among them.",
  );

export const stateDir = text(/\S/, "the path of a folder")
  .meta({ file: true })
  .prefault(".headgate")
  .describe("Folder for what the gateway keeps, such as the self-signed certificate. Made where it is missing.");

const CIDR = "an address or a network such as 10.0.0.0/8 or fd00::/8";

/** An address or a network in CIDR notation. */
function isNetwork(written: string): boolean {
  const [address = "", bits, ...rest] = written.split("/");
  if (rest.length > 0) return false;
  const version = isIP(address);
  if (version === 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

export const trustedProxies = z
  .array(z.string({ error: CIDR }).refine(isNetwork, { error: CIDR }), { error: `a list, each ${CIDR}` })
  .prefault([])
  .describe(
    "Peers whose X-Forwarded-*, Forwarded and X-Request-Id fields are believed and appended to; those of all others are replaced.",
  );
