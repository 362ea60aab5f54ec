// Times the functions of the pure packages that run for each request: `pnpm bench:micro [part of a file's name]`.
import { readdirSync } from "node:fs";
import { run } from "mitata";

// pnpm passes a literal `--` on.
const [wanted = ""] = process.argv.slice(2).filter((each) => each !== "--");
const known = readdirSync(import.meta.dirname).filter((file) => file.endsWith(".bench.ts"));
const files = known.filter((file) => file.includes(wanted));

if (files.length === 0) {
  process.stderr.write(`no micro-benchmark has '${wanted}' in its name; there are ${known.join(", ")}\n`);
  process.exitCode = 2;
} else {
  for (const file of files) await import(new URL(file, import.meta.url).href);
  await run();
}
