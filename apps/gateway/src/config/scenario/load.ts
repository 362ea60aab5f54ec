import { resolve } from "node:path";
import { z } from "zod";
import { ConfigError, locateFinding } from "../errors.ts";
import { expectation, toFindings } from "../issues.ts";
import { readConfigFile } from "../read.ts";
import { parseYaml } from "../read-data.ts";
import type { ConfigSource } from "../source.ts";
import { EXAMPLE } from "./example.ts";
import { type ScenarioConfig, scenarioSchema } from "./schema.ts";

const TREE = z.toJSONSchema(scenarioSchema, { io: "input" });

/** Checks a scenario and fills in its defaults. Throws `ConfigError` with every problem. */
function parseScenario({ raw, locate }: ConfigSource): ScenarioConfig {
  const result = scenarioSchema.safeParse(raw, { error: expectation });
  if (result.success) return result.data;
  const findings = result.error.issues.flatMap((issue) => toFindings(issue, raw, TREE));
  throw new ConfigError(
    findings.map((finding) => locateFinding(finding, locate)),
    [],
    "scenario",
  );
}

/** Reads a scenario from a file, by its ending as a config is; the built-in example without one. */
export async function loadScenario(file: string | undefined, cwd: string): Promise<ScenarioConfig> {
  const source =
    file === undefined ? parseYaml(EXAMPLE, "example") : await readConfigFile(resolve(cwd, file), file, "scenario");
  return parseScenario(source);
}
