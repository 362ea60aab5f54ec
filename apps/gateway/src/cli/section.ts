import { styleText } from "node:util";
import type { Paper } from "./paper.ts";

type Style = Parameters<typeof styleText>[0];

/** A label with one or more lines of text beside it. */
export interface Section {
  readonly label: string;
  readonly lines: readonly string[];
  /** Of the first line. */
  readonly style?: Style;
}

/** Narrower than this, text is not broken any further. */
const LEAST = 20;

/** Lines of labelled text: labels in a column of their own, text beside them broken at spaces to fit. */
export function renderSections(sections: readonly Section[], { columns, colour }: Paper): string[] {
  const indent = Math.max(...sections.map(({ label }) => label.length)) + 2;
  const paint = (style: Style, text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  return sections.flatMap(({ label, lines, style }) =>
    lines
      .flatMap((line, nth) => wrap(line, columns - indent).map((text) => ({ text, nth })))
      .map(({ text, nth }, index) => {
        const told = style !== undefined && nth === 0 ? paint(style, text) : text;
        return index === 0
          ? `${paint("bold", label)}${" ".repeat(indent - label.length)}${told}`
          : " ".repeat(indent) + told;
      }),
  );
}

/** A text in lines of at most `width`, broken at spaces; a longer word stays whole. What goes on is indented. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > Math.max(LEAST, width)) {
      lines.push(line);
      line = `  ${word}`;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
