// Prints the line coverage of each package and app; fails if a package is below the floor. Run by `pnpm coverage`.
import { existsSync, readdirSync, readFileSync } from "node:fs";

const FLOOR = 90;

function linesOf(folder) {
  const file = new URL(`../${folder}/reports/coverage/coverage-summary.json`, import.meta.url);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).total.lines : null;
}

let low = 0;
for (const group of ["packages", "apps"]) {
  for (const name of readdirSync(new URL(`../${group}`, import.meta.url)).sort()) {
    const lines = linesOf(`${group}/${name}`);
    const told = lines === null ? "no report" : `${lines.pct.toFixed(1).padStart(5)} % of ${lines.total} lines`;
    const bad = group === "packages" && (lines === null || lines.pct < FLOOR);
    if (bad) low++;
    console.log(`${`${group}/${name}`.padEnd(24)} ${told}${bad ? `   below ${FLOOR} %` : ""}`);
  }
}
process.exit(low === 0 ? 0 : 1);
