import { formatNumber } from "./format.ts";
import { escapeMarkup } from "./markup.ts";

/** A line of a chart; `x` runs from 0 to 1, a `null` breaks the line. */
export interface Line {
  readonly name: string;
  /** A CSS class that gives it its colour. */
  readonly style: string;
  readonly points: readonly { readonly x: number; readonly y: number | null }[];
  /** Fill the area below it. */
  readonly area?: boolean;
}

export interface Chart {
  readonly title: string;
  /** Of the figures, such as `ms`. */
  readonly unit: string;
  readonly lines: readonly Line[];
  /** Labels along the bottom. */
  readonly ticks: readonly { readonly x: number; readonly label: string }[];
}

const width = 720;
const height = 260;
const box = { left: 64, right: 28, top: 16, bottom: 32 };

const across = (x: number): number => box.left + x * (width - box.left - box.right);

/** The next round number (1, 2 or 5 times a power of ten) at or above `value`. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((one) => value <= one * power * (1 + 1e-9)) ?? 10;
  return step * power;
}

const place = (value: number): string => value.toFixed(1);

function drawLine({ style, points, area }: Line, up: (y: number) => number): string {
  const runs: { x: number; y: number }[][] = [[]];
  for (const { x, y } of points) {
    if (y === null) runs.push([]);
    else runs.at(-1)?.push({ x, y });
  }
  return runs
    .filter((run) => run.length > 0)
    .map((run) => {
      const path = `M${run.map(({ x, y }) => `${place(across(x))} ${place(up(y))}`).join("L")}`;
      const [first, last] = [across(run[0]?.x ?? 0), across(run.at(-1)?.x ?? 0)];
      const below = `${path}L${place(last)} ${place(up(0))}L${place(first)} ${place(up(0))}Z`;
      return `${area ? `<path class="area ${style}" d="${below}"/>` : ""}<path class="line ${style}" d="${path}"/>`;
    })
    .join("");
}

/** Draws a chart as SVG that stands by itself in a page with the report's styles. */
export function drawChart({ title, unit, lines, ticks }: Chart): string {
  const top = roundUp(Math.max(0, ...lines.flatMap(({ points }) => points.map(({ y }) => y ?? 0))));
  const up = (y: number): number => height - box.bottom - (y / top) * (height - box.top - box.bottom);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const y = place(up(share * top));
    const label = `<text x="${box.left - 8}" y="${y}" class="side">${formatNumber(share * top)}</text>`;
    return `<line x1="${box.left}" x2="${width - box.right}" y1="${y}" y2="${y}" class="grid"/>${label}`;
  });
  const bottom = ticks.map(
    ({ x, label }) => `<text x="${place(across(x))}" y="${height - 10}" class="base">${escapeMarkup(label)}</text>`,
  );
  const legend = lines.map(({ name, style }) => `<span class="key ${style}">${escapeMarkup(name)}</span>`).join("");
  const drawn = lines.map((line) => drawLine(line, up)).join("");
  return `<figure><figcaption>${escapeMarkup(title)} <small>${escapeMarkup(unit)}</small>${legend}</figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeMarkup(title)}">${grid.join("")}${bottom.join("")}${drawn}</svg></figure>`;
}
