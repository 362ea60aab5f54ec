import { type CompressionLevels, encodeAtOnce } from "@headgate/gateway/codec";
import { markdownTable } from "../src/table.ts";
import { samples } from "./bodies.ts";
import { costOf, least } from "./cpu.ts";

export type Codec = keyof CompressionLevels;

const LEVELS: Readonly<Record<Codec, readonly number[]>> = {
  br: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  zstd: [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 19],
  gzip: [1, 2, 3, 4, 5, 6, 7, 8, 9],
};
const SIZES = [2, 20, 200];

/** What a level comes to over the kinds of text of one size. */
export interface Figure {
  readonly codec: Codec;
  readonly level: number;
  readonly kb: number;
  /** Bytes after, as a share of those before. */
  readonly share: number;
  /** CPU µs for each KB before. */
  readonly micros: number;
}

/** What a byte that is not sent is worth, CPU µs. */
export interface Worth {
  /** Compressed for one response: what a byte takes on a line of 16 Mbit/s. */
  readonly once: number;
  /** Kept for hits: of ten. */
  readonly stored: number;
}
export const WORTH: Worth = { once: 0.5, stored: 5 };

/** Levels whose sums lie this close are equally good, and the lower one is taken. */
const TIE = 1.005;

/** The lowest level with the least sum of CPU time and what the bytes cost that are left, over all sizes. */
export function chooseLevel(figures: readonly Figure[], codec: Codec, worth: number): number {
  const sums = new Map<number, number>();
  for (const { codec: own, level, share, micros } of figures) {
    if (own === codec) sums.set(level, (sums.get(level) ?? 0) + micros + 1000 * share * worth);
  }
  const good = Math.min(...sums.values()) * TIE;
  return Math.min(...[...sums].filter(([, sum]) => sum <= good).map(([level]) => level));
}

/** All levels, in turn and several times over, so that what else the machine does meets all of them. */
export async function measureLevels(rounds: number, tell: (line: string) => void): Promise<readonly Figure[]> {
  const cells = samples(SIZES).flatMap(({ kb, body }) =>
    (Object.keys(LEVELS) as Codec[]).flatMap((codec) =>
      LEVELS[codec].map((level) => {
        const levels = { br: level, zstd: level, gzip: level };
        return {
          codec,
          level,
          kb,
          body,
          work: () => encodeAtOnce(body, codec, levels),
          costs: [] as { cpu: number; elapsed: number }[],
        };
      }),
    ),
  );
  for (let round = 1; round <= rounds; round += 1) {
    for (const { work, costs } of cells) costs.push(await costOf(work, 8));
    tell(`levels: round ${round} of ${rounds}`);
  }
  return SIZES.flatMap((kb) =>
    (Object.keys(LEVELS) as Codec[]).flatMap((codec) =>
      LEVELS[codec].map((level) => {
        const own = cells.filter((cell) => cell.kb === kb && cell.codec === codec && cell.level === level);
        const before = own.reduce((sum, { body }) => sum + body.length, 0);
        const after = own.reduce((sum, { work }) => sum + work().length, 0);
        const cpu = own.reduce((sum, { costs }) => sum + least(costs).cpu, 0);
        return { codec, level, kb, share: after / before, micros: (cpu * 1000) / before };
      }),
    ),
  );
}

/** One row a level, with what the rule says of it. */
export function levelsTable(figures: readonly Figure[]): string {
  const head = ["coding", "level", ...SIZES.flatMap((kb) => [`${kb} KB: size`, "CPU µs/KB"]), "chosen for"];
  const rows = (Object.keys(LEVELS) as Codec[]).flatMap((codec) => {
    const once = chooseLevel(figures, codec, WORTH.once);
    const stored = chooseLevel(figures, codec, WORTH.stored);
    return LEVELS[codec].map((level) => {
      const cells = SIZES.flatMap((size) => {
        const figure = figures.find((each) => each.kb === size && each.codec === codec && each.level === level);
        return figure === undefined ? ["–", "–"] : [`${(figure.share * 100).toFixed(1)} %`, figure.micros.toFixed(1)];
      });
      const chosen = [...(level === once ? ["once"] : []), ...(level === stored ? ["stored"] : [])].join(", ");
      return [codec, String(level), ...cells, chosen];
    });
  });
  return markdownTable([head, ...rows]);
}
