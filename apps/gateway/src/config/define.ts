import type { ConfigInput } from "./schema.ts";

/** Types a `headgate.config.ts`: `export default defineConfig({ ... })`. Gives back what it was given. */
export const defineConfig = (config: ConfigInput): ConfigInput => config;
