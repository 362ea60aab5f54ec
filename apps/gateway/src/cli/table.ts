import { styleText } from "node:util";
import type { BackendStatus, PoolStatus } from "../control/control-plane.ts";
import { type BackendLive, hitRatio, type LiveSnapshot, liveBackend } from "../observability/live-stats.ts";
import { clockTime, elapsed, latency, percent, rate } from "./table-format.ts";
import { type Column, type RowGroup, renderGrid } from "./table-grid.ts";

/** What a line of the table shows. */
export type BackendRow = Pick<
  BackendStatus,
  "url" | "state" | "draining" | "ejected" | "failures" | "lastHealthy" | "active"
> &
  BackendLive;

/** What the live table shows. */
export interface TableView {
  readonly pools: readonly PoolStatus[];
  readonly live: LiveSnapshot;
  /** Ms since the gateway started. */
  readonly uptime: number;
  /** Why the config file was not taken over; null if it was. */
  readonly reloadError: string | null;
  /** Commands that say what to try next. */
  readonly hints: readonly string[];
}

/** What it is drawn on: lines are never longer than `columns` nor more than `rows`. */
export interface TableSize {
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
}

type Style = Parameters<typeof styleText>[0];

/** A state with its flags. */
export function statusText({
  state,
  draining,
  ejected,
}: Pick<BackendStatus, "state" | "draining" | "ejected">): string {
  const flags = [...(draining ? ["DRAINING"] : []), ...(ejected ? ["EJECTED"] : [])];
  return flags.length === 0 ? state : `${state} (${flags.join(", ")})`;
}

const STATUS = "Status";

const COLUMNS: readonly Column<BackendRow>[] = [
  { title: "Backend URL", align: "left", cell: ({ url }) => url },
  { title: STATUS, align: "left", cell: statusText },
  { title: "Failures", align: "right", cell: ({ failures }) => String(failures), keep: 4 },
  { title: "Last Healthy", align: "left", cell: ({ lastHealthy }) => clockTime(lastHealthy), keep: 3 },
  { title: "Active", align: "right", cell: ({ active }) => String(active), keep: 1 },
  { title: "Req/s", align: "right", cell: ({ perSecond }) => rate(perSecond), keep: 5 },
  // As wide as most values, so that the table does not move with the first of them.
  { title: "p99", align: "left", cell: ({ p99 }) => latency(p99).padEnd(5), keep: 2 },
];

/** The colour of a state with its flags. */
export function statusStyle(text: string): Style {
  if (text.startsWith("UNREACHABLE")) return "red";
  return text === "HEALTHY" ? "green" : "yellow";
}

function painter(colour: boolean): (style: Style, text: string) => string {
  return (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text);
}

/** The lines of the table alone, at most `columns` wide. */
export function renderBackends(
  groups: readonly RowGroup<BackendRow>[],
  { columns, colour }: Pick<TableSize, "columns" | "colour">,
): string[] {
  const paint = painter(colour);
  return renderGrid(COLUMNS, groups, columns, (column, text) =>
    column === STATUS ? paint(statusStyle(text), text) : text,
  );
}

function groupsOf({ pools, live }: TableView): RowGroup<BackendRow>[] {
  return pools.map((pool) => ({
    title: poolTitle(pool, pools.length > 1),
    rows: pool.backends.map((backend) => ({ ...backend, ...liveBackend(live, pool.name, backend.id) })),
  }));
}

/** What a pool's title is made of. */
export type TitledPool = Omit<PoolStatus, "backends" | "discovery" | "parameters" | "budgetLeft">;

/** A pool's name and policy, and what there is to know of it; null for one alone that is as by default. */
export function poolTitle(pool: TitledPool, named: boolean): string | null {
  const { name, balancing, sticky, subset, breaker, waiting, limit, active, panic } = pool;
  const told = [
    balancing,
    ...(sticky === null ? [] : ["sticky"]),
    ...(subset === null ? [] : [`subset of ${subset}`]),
    ...(limit === null ? [] : [`${active} of ${limit} in flight`]),
    ...(waiting === 0 ? [] : [`${waiting} waiting`]),
    ...(breaker === null || breaker === "closed" ? [] : [`breaker ${breaker}`]),
    ...(panic ? ["panic"] : []),
  ];
  return named || told.length > 1 || balancing !== "round-robin" ? `${name} (${told.join(", ")})` : null;
}

function summary({ live, uptime }: TableView): string {
  return [
    `${rate(live.perSecond)} req/s`,
    `p99 ${latency(live.p99)}`,
    `cache hits ${percent(hitRatio(live))}`,
    `errors ${live.errors} of ${live.requests}`,
    `up ${elapsed(uptime)}`,
  ].join("   ");
}

/** The first line of a text, and of that as much as fits. */
function cut(text: string, columns: number): string {
  const [line = ""] = text.split("\n", 1);
  return line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`;
}

/** The table's lines, those that do not fit told as a number. */
function fitRows(lines: readonly string[], room: number): string[] {
  if (lines.length <= room) return [...lines];
  const shown = Math.max(1, room - 1);
  return [...lines.slice(0, shown), `... and ${lines.length - shown} more: make the window higher`];
}

/** The whole status display as lines. Where it is too high the hints go first, then the last backends. */
export function renderTable(view: TableView, size: TableSize): string[] {
  const { columns, rows, colour } = size;
  const paint = painter(colour);
  const plain = (text: string): string => cut(text, columns);
  const title = paint("bold", plain("=== Backend Server Status ==="));
  const trouble = view.reloadError === null ? [] : [paint("red", plain(`Config not taken over: ${view.reloadError}`))];
  const foot = ["", plain(summary(view)), ...trouble];
  const hints = view.hints.length === 0 ? [] : ["", ...view.hints.map((hint) => plain(`Try: ${hint}`))];
  const table = renderBackends(groupsOf(view), size);
  const room = rows - 1 - foot.length;
  const roomy = table.length + hints.length <= room;
  return [
    title,
    ...fitRows(table, room).map((line) => (line.startsWith("|") ? line : plain(line))),
    ...foot,
    ...(roomy ? hints : []),
  ];
}
