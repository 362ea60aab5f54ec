import { createDispatcher, type Link } from "../src/load/dispatcher.ts";

function fakeLink(sent: string[], name: string, warm = true): Link & { warm: boolean } {
  return { warm, send: (due) => void sent.push(`${name} ${due}`) };
}

function setup(...warm: boolean[]) {
  const sent: string[] = [];
  const dispatcher = createDispatcher();
  const links = warm.map((one, index) => fakeLink(sent, "abc"[index] ?? "?", one));
  for (const link of links) dispatcher.free(link);
  return { sent, dispatcher, links };
}

test("connected links go first, in turn; then the others", () => {
  const { sent, dispatcher, links } = setup(false, true, true);
  for (const due of [1, 2, 3]) dispatcher.arrive(due);
  expect(sent).toEqual(["b 1", "c 2", "a 3"]);
  expect([dispatcher.busy(), dispatcher.waiting()]).toEqual([3, 0]);
  for (const link of links) dispatcher.free(link);
  expect(dispatcher.busy()).toBe(0);
});

test("a link that is freed goes to the end of the turn", () => {
  const { sent, dispatcher, links } = setup(true, true);
  dispatcher.arrive(1);
  if (links[0]) dispatcher.free(links[0]);
  dispatcher.arrive(2);
  expect(sent).toEqual(["a 1", "b 2"]);
});

test("requests that find no link wait, in order, and keep the time they were due", () => {
  const { sent, dispatcher, links } = setup(true);
  for (const due of [1, 2, 3]) dispatcher.arrive(due);
  expect([dispatcher.waiting(), dispatcher.busy()]).toEqual([2, 1]);
  if (links[0]) dispatcher.free(links[0]);
  expect(sent).toEqual(["a 1", "a 2"]);
  expect(dispatcher.giveUp()).toEqual([3]);
  expect(dispatcher.waiting()).toBe(0);
});

test("a free link that loses its connection is not counted twice", () => {
  const { sent, dispatcher, links } = setup(true, true);
  const [first] = links;
  if (first) {
    first.warm = false;
    dispatcher.free(first);
  }
  for (const due of [1, 2, 3]) dispatcher.arrive(due);
  expect(sent).toEqual(["b 1", "a 2"]);
  expect([dispatcher.busy(), dispatcher.waiting()]).toEqual([2, 1]);
});
