import type { LogDestination } from "../observability/log.ts";
import type { Gateway } from "./gateway.ts";
import { renderTable } from "./table.ts";
import { type ScreenParts, TableScreen } from "./table-screen.ts";

/** Where log lines go, which the table takes over while it stands. */
export class LogRelay implements LogDestination {
  #to: LogDestination;

  constructor(to: LogDestination) {
    this.#to = to;
  }

  write(line: string): void {
    this.#to.write(line);
  }

  switchTo(to: LogDestination): void {
    this.#to = to;
  }
}

export interface LiveTableParts {
  readonly gateway: Gateway;
  readonly hints: readonly string[];
  readonly terminal: ScreenParts["terminal"];
  readonly relay: LogRelay;
  /** Monotonic ms. */
  readonly tick: () => number;
}

/** Shows the live status table, with log lines above it. The caller stops it, however the gateway ends. */
export function showTable({ gateway, hints, terminal, relay, tick }: LiveTableParts): TableScreen {
  const { control, live } = gateway;
  const since = tick();
  const screen = new TableScreen({
    terminal,
    render: (size) => {
      const view = { pools: control.pools(), live: live(), uptime: tick() - since, hints };
      // A line between the table and the log lines that scroll by above it.
      return ["", ...renderTable({ ...view, reloadError: control.reloadError() }, { ...size, rows: size.rows - 1 })];
    },
    every: (task, ms) => {
      const timer = setInterval(task, ms).unref();
      return () => clearInterval(timer);
    },
  });
  relay.switchTo(screen);
  return screen;
}
