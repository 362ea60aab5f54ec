import { z } from "zod";
import { admin } from "./schema/admin.ts";
import { auth } from "./schema/auth.ts";
import { cache } from "./schema/cache.ts";
import { compression } from "./schema/compression.ts";
import { limits, timeouts } from "./schema/limits.ts";
import { listeners } from "./schema/listeners.ts";
import { pools } from "./schema/pools.ts";
import { headers, log, shutdown, stateDir, trustedProxies, workers } from "./schema/process.ts";
import { routes } from "./schema/routes.ts";

/** Every option of the gateway. Each carries its meaning, unit and default; docs/configuration.md is made from them. */
export const configSchema = z.strictObject(
  {
    listeners,
    admin,
    auth,
    cache,
    pools,
    routes,
    compression,
    headers,
    timeouts,
    limits,
    trustedProxies,
    log,
    shutdown,
    workers,
    stateDir,
  },
  { error: "an object of settings" },
);

/** A config as a user writes it: every key optional, durations and sizes as text or number. */
export type ConfigInput = z.input<typeof configSchema>;

/** The same after parsing: defaults filled in, durations in milliseconds, sizes in bytes. */
export type ParsedConfig = z.output<typeof configSchema>;
