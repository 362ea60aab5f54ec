import { STORE_RULES } from "../src/conformance/index.ts";
import { MemoryStore } from "../src/index.ts";

describe("the memory store does what every store does", () => {
  test.each(STORE_RULES.map(({ name, check }) => [name, check] as const))("%s", async (_name, check) => {
    await expect(check(() => ({ store: new MemoryStore() }))).resolves.toBeUndefined();
  });

  test("and bounds of ten entries are enough for that", async () => {
    for (const { check } of STORE_RULES) {
      await expect(
        check(() => ({ store: new MemoryStore({ entries: 12, bytes: 1_000_000 }) })),
      ).resolves.toBeUndefined();
    }
  });
});
