import { type CacheKey, MemoryStore, type PurgeTarget } from "@headgate/cache";
import { GuardedStore } from "../../src/caching/guarded-store.ts";

const key = (text: string): CacheKey => text as CacheKey;

function aStore() {
  const store = new GuardedStore(new MemoryStore());
  const voided: string[] = [];
  const open = (url: string) => store.open(key(url), { voided: () => void voided.push(url) });
  return { store, voided, open };
}

test.each<[string, PurgeTarget, string[]]>([
  ["a URL, with all keys made of it", { kind: "url", key: key("http://h/a") }, ["http://h/a", "http://h/a\nx=1:1"]],
  ["a prefix", { kind: "prefix", prefix: "http://h/a" }, ["http://h/a", "http://h/a\nx=1:1", "http://h/ab"]],
  ["all", { kind: "all" }, ["http://h/a", "http://h/a\nx=1:1", "http://h/ab", "http://i/"]],
])("a purge of %s meets what is under way", (_name, target, expected) => {
  const { store, voided, open } = aStore();
  const tickets = ["http://h/a", "http://h/a\nx=1:1", "http://h/ab", "http://i/"].map(open);
  void store.purge(target, "hard", 0);
  expect(voided.toSorted()).toEqual(expected);
  expect(tickets.filter(({ valid }) => !valid).map((ticket) => String(ticket.key))).toEqual(expected);
});

test("a purge of a tag meets what has it, and what may turn out to have it", () => {
  const { store, voided, open } = aStore();
  open("http://h/with").tags = ["news"];
  open("http://h/without").tags = ["sport"];
  open("http://h/unknown");
  void store.purge({ kind: "tag", tag: "news" }, "soft", 0);
  expect(voided.toSorted()).toEqual(["http://h/unknown", "http://h/with"]);
});

test("who is met is told once, and nothing is held of what is closed", () => {
  const { store, voided, open } = aStore();
  const first = open("http://h/a");
  const second = open("http://h/a");
  expect(store.pending).toBe(2);
  first.close();
  first.close();
  store.keepOut({ kind: "all" });
  store.keepOut({ kind: "all" });
  expect(voided).toEqual(["http://h/a"]);
  expect([first.valid, second.valid]).toEqual([true, false]);
  second.close();
  expect(store.pending).toBe(0);
});
