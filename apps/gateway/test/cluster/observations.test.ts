import type { BackendId } from "@headgate/balancer";
import { type Observation, Observations } from "../../src/cluster/observations.ts";

const seen = (ended: Observation["ended"], backend = "a:1"): Observation => ({
  ...{ pool: "default", ended, latency: 3 },
  backend: backend as BackendId,
});

function bench() {
  const sent: Observation["ended"][][] = [];
  const due: (() => void)[] = [];
  const observations = new Observations({
    send: (list) => sent.push(list.map(({ ended }) => ended)),
    soon: (task) => due.push(task),
  });
  const turn = (): void => {
    for (const task of due.splice(0)) task();
  };
  return { observations, sent, turn };
}

test("faults go when the turn is over, together with what came before them; good answers wait", () => {
  const { observations, sent, turn } = bench();
  observations.add(seen(200), true);
  turn();
  expect(sent).toEqual([]);
  observations.add(seen(null), true);
  observations.add(seen(503), true);
  observations.add(seen("refused"), true);
  expect(sent).toEqual([]);
  turn();
  expect(sent).toEqual([[200, null, 503, "refused"]]);
  observations.add(seen(200), true);
  observations.flush();
  observations.flush();
  expect(sent).toEqual([[200, null, 503, "refused"], [200]]);
});

test("where only rows of faults count, good answers in a row are one, for each backend", () => {
  const { observations, sent } = bench();
  for (const ended of [200, 200, 204, 500, 500, 200, 200, null, 200]) observations.add(seen(ended), false);
  observations.add(seen(200, "b:1"), false);
  observations.flush();
  expect(sent).toEqual([[200, 500, 500, 200, null, 200, 200]]);
  observations.add(seen(200), false);
  observations.flush();
  expect(sent.at(-1)).toEqual([200]);
});

test("where each counts, no more than a thousand wait", () => {
  const { observations, sent, turn } = bench();
  for (let count = 0; count < 1500; count++) observations.add(seen(200), true);
  turn();
  expect(sent.map(({ length }) => length)).toEqual([1500]);
});
