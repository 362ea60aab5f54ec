import { type Coding, createEncoder, encodeAtOnce, encodeOnThreads } from "@headgate/gateway/codec";
import { markdownTable } from "../src/table.ts";
import { samples } from "./bodies.ts";
import { type Cost, costOf, least } from "./cpu.ts";

/** The levels are those of what is compressed once. */
const CODED: readonly Coding[] = ["br", "zstd", "gzip"];
const SIZES = [1, 2, 4, 8, 16, 32, 64];

/** As a body that comes from a backend in one chunk. */
function encodeStreamed(body: Buffer, coding: Coding, levels: Levels, size: number | null): Promise<void> {
  const encoder = createEncoder(coding, levels, size);
  return new Promise((resolve, reject) => {
    encoder
      .on("data", () => undefined)
      .on("end", resolve)
      .on("error", reject);
    encoder.end(body);
  });
}

type Levels = Parameters<typeof encodeAtOnce>[2];

/** The ways to encode a body that `codec.ts` has. */
const WAYS: Readonly<Record<string, (body: Buffer, coding: Coding, levels: Levels) => unknown>> = {
  "at once": encodeAtOnce,
  "on a thread": encodeOnThreads,
  "as a stream": (body, coding, levels) => encodeStreamed(body, coding, levels, body.length),
  "…of unknown size": (body, coding, levels) => encodeStreamed(body, coding, levels, null),
};

/** What each way costs at each size, as a Markdown table: CPU µs for a body, the mean of all kinds of text. */
export async function waysTable(levels: Levels, rounds: number, tell: (line: string) => void): Promise<string> {
  const cells = samples(SIZES).flatMap(({ kb, body }) =>
    CODED.flatMap((coding) =>
      Object.entries(WAYS).map(([way, encode]) => {
        return { kb, coding, way, work: () => encode(body, coding, levels), costs: [] as Cost[] };
      }),
    ),
  );
  for (let round = 1; round <= rounds; round += 1) {
    for (const { work, costs } of cells) costs.push(await costOf(work, 8));
    tell(`ways: round ${round} of ${rounds}`);
  }
  const rows = SIZES.flatMap((kb) =>
    CODED.map((coding) => {
      const figures = Object.keys(WAYS).map((way) => {
        const own = cells.filter((cell) => cell.kb === kb && cell.coding === coding && cell.way === way);
        return own.reduce((sum, { costs }) => sum + least(costs).cpu, 0) / own.length;
      });
      return [
        `${kb} KB`,
        `${coding} ${levels[coding === "deflate" ? "gzip" : coding]}`,
        ...figures.map((each) => each.toFixed(0)),
      ];
    }),
  );
  return markdownTable([["body", "coding", ...Object.keys(WAYS)], ...rows]);
}
