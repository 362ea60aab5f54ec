import { replaceSection } from "../src/page.ts";

const BEGIN = "<!-- figures: written by `pnpm bench --record` -->";
const END = "<!-- end of figures -->";

const replaceFigures = (page: string, text: string): string =>
  replaceSection(page, "figures", "pnpm bench --record", text);

test("only what stands between the markers is replaced", () => {
  const page = `# Performance\n\n${BEGIN}\nold\n${END}\n\n<!-- end of others -->\nHow to read it.\n`;
  expect(replaceFigures(page, "new")).toBe(
    `# Performance\n\n${BEGIN}\n\nnew\n\n${END}\n\n<!-- end of others -->\nHow to read it.\n`,
  );
});

test("a page without markers is told of, not written over", () => {
  expect(() => replaceFigures("# Performance", "new")).toThrow("has no lines");
  expect(() => replaceFigures(`# Performance\n${BEGIN.replace("figures", "growth")}\n${END}`, "new")).toThrow(
    "has no lines",
  );
});
