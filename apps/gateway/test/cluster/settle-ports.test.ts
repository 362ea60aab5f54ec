import { SettledPorts } from "../../src/cluster/settle-ports.ts";
import { snapshot } from "../control-support.ts";

test("a listener without a port gets one, and keeps it over reloads", async () => {
  let next = 4000;
  const asked: string[] = [];
  const ports = new SettledPorts((host) => {
    asked.push(host);
    return Promise.resolve(next++);
  });
  const first = snapshot({ listeners: [{ port: 0, host: "127.0.0.1" }, { port: 8080 }, { port: 0 }] });
  await ports.find(first);
  expect(ports.settle(first).listeners.map(({ port }) => port)).toEqual([4000, 8080, 4001]);
  expect(asked).toEqual(["127.0.0.1", "*"]);
  const second = snapshot({ listeners: [{ port: 0, host: "127.0.0.1" }], limits: { body: 5 } });
  await ports.find(second);
  expect(ports.settle(second)).toMatchObject({ listeners: [{ port: 4000 }], limits: { body: 5 } });
  const fixed = snapshot({ listeners: [{ port: 8080 }] });
  expect(ports.settle(fixed)).toBe(fixed);
});
