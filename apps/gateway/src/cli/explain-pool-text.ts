import { styleText } from "node:util";
import type { BackendTold, UpstreamTold } from "../explain/explanation.ts";
import type { Paper } from "./paper.ts";
import { renderSections, type Section } from "./section.ts";
import { statusStyle, statusText } from "./table.ts";
import { latency } from "./table-format.ts";
import { type Column, renderGrid } from "./table-grid.ts";

const STATUS = "Status";

/** Columns that say something of this pool; those with the lowest `keep` go where there is no room. */
function columnsFor({ backends, choice }: UpstreamTold): Column<BackendTold>[] {
  const some = (has: (backend: BackendTold) => boolean, column: Column<BackendTold>): Column<BackendTold>[] =>
    backends.some(has) ? [column] : [];
  const drawn = choice.kind === "drawn";
  return [
    { title: "Backend", align: "left", cell: ({ url }) => url },
    { title: STATUS, align: "left", cell: statusText },
    { title: drawn ? "Chance" : "Choice", align: "left", cell: (backend) => choiceCell(backend, drawn) },
    ...some((backend) => backend.weight !== 1 || backend.effectiveWeight !== 1, {
      ...{ title: "Weight", align: "right", cell: weightCell, keep: 5 },
    }),
    { title: "Active", align: "right", cell: activeCell, keep: 4 },
    ...some(({ latency: known }) => known !== null, {
      ...{ title: "EWMA", align: "right", cell: ({ latency: known }) => latency(known), keep: 3 },
    }),
    ...some(({ load }) => load !== null, { title: "Load", align: "left", cell: loadCell, keep: 1 }),
    ...some(({ level }) => level !== backends[0]?.level, {
      ...{ title: "Level", align: "left", cell: levelCell, keep: 2 },
    }),
  ];
}

function choiceCell({ usable, odds }: BackendTold, drawn: boolean): string {
  if (!usable && odds === 0) return "skipped";
  if (drawn) return `${(100 * odds).toFixed(0)} %`;
  return odds === 1 ? "next" : "-";
}

function weightCell({ weight, effectiveWeight }: BackendTold): string {
  return weight === effectiveWeight ? String(weight) : `${effectiveWeight.toFixed(2)} of ${weight}`;
}

function activeCell({ active, maxActive }: BackendTold): string {
  return maxActive === null ? String(active) : `${active} of ${maxActive}`;
}

const LOADS = { utilization: "busy", cpu: "CPU", memory: "memory", weightFactor: "weight" } as const;

function loadCell({ load }: BackendTold): string {
  const shares = Object.entries(LOADS).flatMap(([key, name]) => {
    const share = load?.[key as keyof typeof LOADS];
    return share === undefined ? [] : [`${name} ${Math.round(100 * share)} %`];
  });
  return shares.length === 0 ? "-" : shares.join(", ");
}

function levelCell({ level, levelShare }: BackendTold): string {
  return levelShare === 0 ? level : `${level} (${Math.round(100 * levelShare)} %)`;
}

/** The pool's backends as a table, and below it what stands against each that is skipped. */
export function poolLines(upstream: UpstreamTold, paper: Paper): string[] {
  const { columns, colour } = paper;
  const paint = (column: string, text: string): string =>
    colour && column === STATUS ? styleText(statusStyle(text), text, { validateStream: false }) : text;
  const reasons: Section[] = upstream.backends.flatMap(({ id, reason, usable, why }) =>
    why === null ? [] : [{ label: id, lines: [usable ? why : `${reason}: ${why}`] }],
  );
  const groups = [{ title: null, rows: upstream.backends }];
  return [
    ...(upstream.backends.length === 0 ? [] : renderGrid(columnsFor(upstream), groups, columns, paint)),
    ...(reasons.length === 0 ? [] : ["", ...renderSections(reasons, paper)]),
  ];
}
