// Runs the public suite for HTTP caches, http-cache-tests, against the built gateway: `pnpm conformance`.
import { mkdirSync, writeFileSync } from "node:fs";
import fetch from "node-fetch";
import { startGateway, testConfig } from "../e2e/support/gateway.ts";
import { judge } from "./judge.ts";
import { KNOWN } from "./known.ts";
import { startOrigin } from "./origin.ts";
import { counts, report } from "./print.ts";
import { loadSuite, type Results, type Suite } from "./suite.ts";

/** Each test pauses for three seconds at least, so many of them are under way together. */
const AT_ONCE = 100;

/** Only what RFC 9111 asks for: no lifetime of our own, nothing encoded, nothing sent twice. */
async function runAgainstGateway(suite: Suite): Promise<Results> {
  const origin = await startOrigin(suite);
  const gateway = await startGateway(
    testConfig([], {
      cache: { ttl: 0 },
      routes: [{ path: "/", auth: "none", compression: false }],
      pools: { default: { backends: [`http://127.0.0.1:${origin.port}`], health: false, retries: 0 } },
    }),
  );
  try {
    return await suite.run(`http://127.0.0.1:${gateway.http}`, AT_ONCE);
  } finally {
    await gateway.stop();
    origin.close();
  }
}

const started = performance.now();
const suite = await loadSuite(fetch);
const verdict = judge(suite.groups, await runAgainstGateway(suite), KNOWN);
process.stdout.write(report(verdict));
process.stdout.write(`\n${((performance.now() - started) / 1000).toFixed(0)} s\n`);
mkdirSync("reports", { recursive: true });
writeFileSync("reports/conformance.json", JSON.stringify(counts(verdict)));
process.exitCode = verdict.unexpected.length + verdict.outdated.length === 0 ? 0 : 1;
