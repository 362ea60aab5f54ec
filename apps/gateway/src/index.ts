export { defineConfig } from "./config/define.ts";
export type { ConfigInput } from "./config/schema.ts";
export type { Config, ConfigSnapshot } from "./config/snapshot.ts";
