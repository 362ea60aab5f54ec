import { createLogUpdate } from "log-update";
import type { LogDestination } from "../observability/log.ts";
import type { TableSize } from "./table.ts";

/** The terminal that the table is drawn on: process.stdout, or a stand-in. */
export interface Terminal extends NodeJS.WritableStream {
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  hasColors?(): boolean;
}

export interface ScreenParts {
  readonly terminal: Terminal;
  /** Draws the table as it is now. */
  readonly render: (size: TableSize) => readonly string[];
  /** Runs `task` every so many ms until the returned function is called. */
  readonly every: (task: () => void, ms: number) => () => void;
}

/** How often the table is drawn anew, ms; log lines wait as long, so that a burst of them costs one redraw. */
const REFRESH_MS = 500;
/** Log lines that are shown again after the screen had to be wiped. */
const KEPT_LINES = 10;

const WIPE = "\u001b[2J\u001b[H";

/**
 * A table that stays at the bottom of the terminal and is redrawn in place, only where it changed, in one synchronised
 * write. Log lines go above it, into the terminal's history.
 */
export class TableScreen implements LogDestination {
  readonly #parts: ScreenParts;
  readonly #update: ReturnType<typeof createLogUpdate>;
  readonly #stopTicking: () => void;
  readonly #onResize = (): void => this.#wipe();
  #waiting: string[] = [];
  #shown: string[] = [];
  #stopped = false;

  constructor(parts: ScreenParts) {
    this.#parts = parts;
    this.#update = createLogUpdate(parts.terminal);
    parts.terminal.on("resize", this.#onResize);
    this.#stopTicking = parts.every(() => this.#draw(), REFRESH_MS);
    this.#draw();
  }

  /** Puts a line above the table; after `stop`, just prints it. */
  write(line: string): void {
    if (this.#stopped) this.#parts.terminal.write(line);
    else this.#waiting.push(line);
  }

  /** Draws a last time, leaves the table standing and gives the cursor back. */
  stop(): void {
    if (this.#stopped) return;
    this.#draw();
    this.#stopped = true;
    this.#stopTicking();
    this.#parts.terminal.off("resize", this.#onResize);
    this.#update.done();
  }

  get #size(): TableSize {
    const { columns, rows, hasColors } = this.#parts.terminal;
    // Some pseudo-terminals say 0 for a size that they do not know.
    const size = { columns: columns || 80, rows: (rows || 24) - 1 };
    return { ...size, colour: hasColors?.call(this.#parts.terminal) ?? false };
  }

  #draw(): void {
    if (this.#waiting.length > 0) this.#putAbove(this.#waiting.splice(0));
    this.#update(this.#parts.render(this.#size).join("\n"));
  }

  #putAbove(lines: readonly string[]): void {
    this.#shown = [...this.#shown, ...lines].slice(-KEPT_LINES);
    this.#update.persist(lines.join("").trimEnd());
  }

  /** A new width makes the terminal wrap what stands there, so that nobody knows any more where a line begins. */
  #wipe(): void {
    this.#update.clear();
    this.#parts.terminal.write(WIPE);
    if (this.#shown.length > 0) this.#update.persist(this.#shown.join("").trimEnd());
    this.#draw();
  }
}
