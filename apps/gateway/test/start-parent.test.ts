import { hearParent, tellParent } from "../src/cli/parent.ts";
import { createLogger } from "../src/observability/log.ts";

test("a parent with a channel is told where the gateway listens; one without is not asked", () => {
  const sent: unknown[] = [];
  tellParent({ send: (message) => sent.push(message), on: () => undefined }, ["http://localhost:1"], null);
  expect(sent).toEqual([{ type: "listening", urls: ["http://localhost:1"], admin: null }]);
  expect(() => tellParent({ on: () => undefined }, [], null)).not.toThrow();
});

test("notices of the parent are logged, anything else is not", () => {
  const lines: string[] = [];
  let say: (message: unknown) => void = () => undefined;
  const logger = createLogger({ destination: { write: (line) => void lines.push(JSON.parse(line).msg) } });
  hearParent({ on: (_event, listener) => (say = listener) }, logger);
  for (const message of [null, "x", { type: "notice" }, { type: "notice", text: 1 }, { type: "other", text: "no" }])
    say(message);
  say({ type: "notice", text: "the sample backend on port 8001 ended" });
  expect(lines).toEqual(["the sample backend on port 8001 ended"]);
});
