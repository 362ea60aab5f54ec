import Table from "cli-table3";

/** A column of a grid of `T`s. */
export interface Column<T> {
  readonly title: string;
  readonly align: "left" | "right";
  readonly cell: (row: T) => string;
  /** Where the grid is too wide, columns with the lowest go first; without it the column always stays. */
  readonly keep?: number;
}

/** Rows under a title; a grid with one group needs none. */
export interface RowGroup<T> {
  readonly title: string | null;
  readonly rows: readonly T[];
}

const NO_RULES = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "" },
  ...{ bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" },
  ...{ mid: "", "mid-mid": "", "left-mid": "", "right-mid": "" },
  ...{ left: "|", middle: "|", right: "|" },
};

interface Layout<T> {
  readonly columns: readonly Column<T>[];
  readonly padding: number;
}

function contentWidth<T>({ title, cell }: Column<T>, groups: readonly RowGroup<T>[]): number {
  const widths = groups.flatMap(({ rows }) => rows.map((row) => cell(row).length));
  return Math.max(title.length, ...widths);
}

/** Everything with room around it, else without; then column after column goes. */
function* layouts<T>(columns: readonly Column<T>[]): Iterable<Layout<T>> {
  yield { columns, padding: 1 };
  yield { columns, padding: 0 };
  const least = columns.toSorted(
    (a, b) => (a.keep ?? Number.POSITIVE_INFINITY) - (b.keep ?? Number.POSITIVE_INFINITY),
  )[0];
  if (least?.keep !== undefined) yield* layouts(columns.filter((column) => column !== least));
}

/**
 * Text table of `| cell | cell |` lines, at most `width` characters wide: it loses its padding first, then columns, then
 * the end of the first column's text, and never wraps.
 * @param paint colours a cell's text, which it must leave as long as it is
 */
export function renderGrid<T>(
  all: readonly Column<T>[],
  groups: readonly RowGroup<T>[],
  width: number,
  paint: (column: string, text: string) => string = (_, text) => text,
): string[] {
  const widths = new Map(all.map((column) => [column, contentWidth(column, groups)]));
  const widthOf = ({ columns, padding }: Layout<T>): number =>
    columns.reduce((sum, column) => sum + (widths.get(column) ?? 0) + 2 * padding + 1, 1);
  const choices = [...layouts(all)];
  const layout = choices.find((choice) => widthOf(choice) <= width) ?? choices.at(-1) ?? { columns: all, padding: 0 };
  const excess = Math.max(0, widthOf(layout) - width);
  const { columns, padding } = layout;
  const table = new Table({
    chars: NO_RULES,
    style: { head: [], border: [], "padding-left": padding, "padding-right": padding },
    head: columns.map(({ title }) => title),
    colAligns: columns.map(({ align }) => align),
    colWidths: columns.map((column, index) =>
      Math.max(2, (widths.get(column) ?? 0) + 2 * padding - (index === 0 ? excess : 0)),
    ),
  });
  for (const { title, rows } of groups) {
    if (title !== null) table.push([{ content: title, colSpan: columns.length }]);
    for (const row of rows) table.push(columns.map((column) => paint(column.title, column.cell(row))));
  }
  return table.toString().split("\n");
}
