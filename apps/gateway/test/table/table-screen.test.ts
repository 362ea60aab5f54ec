import { PassThrough } from "node:stream";
import type { TableSize } from "../../src/cli/table.ts";
import { TableScreen } from "../../src/cli/table-screen.ts";

const ESCAPE = "\u001b";
/** A control sequence, a line feed, or text. */
const TOKENS = new RegExp(`${ESCAPE}\\[\\??(\\d*)([A-Za-z])|\\n|[^\\n${ESCAPE}]+`, "g");

/** Enough of a terminal to see what stands on it: text, line feeds, cursor movements, erasing. */
class FakeTerminal extends PassThrough {
  readonly isTTY = true;
  columns: number | undefined = 40;
  rows: number | undefined = 10;
  colours = true;
  writes = 0;
  #lines: string[] = [""];
  #row = 0;
  #column = 0;

  hasColors(): boolean {
    return this.colours;
  }

  override write(text: string): boolean {
    this.writes++;
    for (const [token, parameter, final] of text.matchAll(TOKENS)) {
      if (token === "\n") this.#move(this.#row + 1, 0);
      else if (final === undefined) this.#print(token);
      else this.#control(final, Number(parameter));
    }
    return true;
  }

  /** What is to be seen, without empty lines at the end. */
  get screen(): string {
    return this.#lines.join("\n").trimEnd();
  }

  #move(row: number, column: number): void {
    this.#row = Math.max(0, row);
    this.#column = column;
    while (this.#lines.length <= this.#row) this.#lines.push("");
  }

  #print(text: string): void {
    const line = (this.#lines[this.#row] ?? "").padEnd(this.#column);
    this.#lines[this.#row] = line.slice(0, this.#column) + text + line.slice(this.#column + text.length);
    this.#column += text.length;
  }

  #control(final: string, parameter: number): void {
    if (final === "A") this.#move(this.#row - (parameter || 1), this.#column);
    if (final === "B") this.#move(this.#row + (parameter || 1), this.#column);
    if (final === "G") this.#column = 0;
    if (final === "H") this.#move(0, 0);
    if (final === "J") this.#lines = [""];
    if (final === "K")
      this.#lines[this.#row] = parameter === 2 ? "" : (this.#lines[this.#row] ?? "").slice(0, this.#column);
  }
}

interface Stage {
  terminal: FakeTerminal;
  screen: TableScreen;
  sizes: TableSize[];
  show: (...lines: string[]) => void;
  tick: () => void;
  ticking: () => boolean;
}

function stage(prepare: (terminal: FakeTerminal) => void = () => undefined): Stage {
  const terminal = new FakeTerminal();
  prepare(terminal);
  let lines = ["table", "| a |"];
  let task: (() => void) | null = null;
  const sizes: TableSize[] = [];
  const screen = new TableScreen({
    terminal,
    render: (size) => {
      sizes.push(size);
      return lines;
    },
    every: (run) => {
      task = run;
      return () => {
        task = null;
      };
    },
  });
  return {
    ...{ terminal, screen, sizes },
    show: (...next) => {
      lines = next;
    },
    tick: () => task?.(),
    ticking: () => task !== null,
  };
}

test("draws at once and again in place", () => {
  const { terminal, show, tick } = stage();
  expect(terminal.screen).toBe("table\n| a |");
  show("table", "| b |", "more");
  tick();
  expect(terminal.screen).toBe("table\n| b |\nmore");
  show("table");
  tick();
  expect(terminal.screen).toBe("table");
});

test("writes nothing where nothing changed", () => {
  const { terminal, tick } = stage();
  const before = terminal.writes;
  tick();
  tick();
  expect(terminal.writes).toBe(before);
});

test("log lines go above the table, in order, at the next redraw", () => {
  const { terminal, screen, tick } = stage();
  screen.write("one\n");
  screen.write("two\n");
  expect(terminal.screen).toBe("table\n| a |");
  tick();
  expect(terminal.screen).toBe("one\ntwo\ntable\n| a |");
  screen.write("three\n");
  tick();
  expect(terminal.screen).toBe("one\ntwo\nthree\ntable\n| a |");
});

test("a line longer than the terminal is wide is wrapped, and the table stays whole", () => {
  const { terminal, screen, show, tick } = stage();
  screen.write(`${"x".repeat(50)}\n`);
  tick();
  show("table", "| b |");
  tick();
  expect(terminal.screen).toBe(`${"x".repeat(40)}\n${"x".repeat(10)}\ntable\n| b |`);
});

test("a resize wipes the screen and draws it anew with the last ten log lines", () => {
  const { terminal, screen, sizes, tick } = stage();
  for (let count = 1; count <= 12; count++) screen.write(`line ${count}\n`);
  tick();
  terminal.columns = 20;
  terminal.emit("resize");
  expect(terminal.screen.split("\n")).toEqual([
    ...Array.from({ length: 10 }, (_, index) => `line ${index + 3}`),
    "table",
    "| a |",
  ]);
  expect(sizes.at(-1)).toEqual({ columns: 20, rows: 9, colour: true });
});

test("a resize before any log line draws just the table", () => {
  const { terminal } = stage();
  terminal.emit("resize");
  expect(terminal.screen).toBe("table\n| a |");
});

test("leaves room for the cursor's line, and takes 80 by 24 where the terminal does not know its size", () => {
  expect(stage().sizes[0]).toEqual({ columns: 40, rows: 9, colour: true });
  const unknown = stage((terminal) => {
    terminal.columns = 0;
    terminal.rows = undefined;
    terminal.colours = false;
  });
  expect(unknown.sizes[0]).toEqual({ columns: 80, rows: 23, colour: false });
});

test("stopping draws a last time, leaves the table standing and lets go of the terminal", () => {
  const { terminal, screen, show, ticking } = stage();
  screen.write("last words\n");
  show("table", "| end |");
  screen.stop();
  screen.stop();
  expect(terminal.screen).toBe("last words\ntable\n| end |");
  expect(ticking()).toBe(false);
  expect(terminal.listenerCount("resize")).toBe(0);
  screen.write("after\n");
  expect(terminal.screen).toBe("last words\ntable\n| end |\nafter");
});
