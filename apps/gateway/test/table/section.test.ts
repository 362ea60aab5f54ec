import { renderSections } from "../../src/cli/section.ts";

test("text stands beside its label, and what does not fit goes on below it, indented", () => {
  const sections = [
    { label: "One", lines: ["a few words that are too many for a line", "next"] },
    { label: "Another", lines: ["https://localhost/that-is-too-long-but-stays-whole"] },
  ];
  expect(renderSections(sections, { columns: 32, colour: false })).toEqual([
    "One      a few words that are",
    "           too many for a line",
    "         next",
    "Another  https://localhost/that-is-too-long-but-stays-whole",
  ]);
});

test("colours are asked for", () => {
  const [line] = renderSections([{ label: "A", lines: ["x"], style: "red" }], { columns: 80, colour: true });
  expect(line).toBe("\u001b[1mA\u001b[22m  \u001b[31mx\u001b[39m");
});
