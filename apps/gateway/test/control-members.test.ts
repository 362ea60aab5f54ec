import type { BackendId } from "@headgate/balancer";
import { backendId, Members } from "../src/control/members.ts";

const a = { url: "http://10.0.0.1:8000", weight: 1 };
const b = { url: "http://10.0.0.2:8000", weight: 1 };
const id = (text: string): BackendId => text as BackendId;
const shown = (members: Members): string[] => members.list().map((each) => `${each.id} ${each.weight} ${each.origin}`);

function reading(...listed: { url: string; weight: number }[]): Members {
  const members = new Members();
  members.read("config", listed);
  return members;
}

test.each([
  ["http://127.0.0.1:8000", "127.0.0.1:8000"],
  ["https://127.0.0.1:8000", "127.0.0.1:8000"],
  ["http://api.internal", "api.internal:80"],
  ["https://api.internal", "api.internal:443"],
  ["http://[::1]:8000", "[::1]:8000"],
])("%s is known as %s", (origin, expected) => {
  expect(backendId(origin)).toBe(expected);
});

test("lists the file's backends in their order, a repeated one once with its last weight", () => {
  expect(shown(reading(b, a, { ...b, weight: 3 }))).toEqual(["10.0.0.2:8000 3 config", "10.0.0.1:8000 1 config"]);
});

test("what the admin API added survives a reload", () => {
  const members = reading(a);
  members.add(b.url, 2);
  members.read("config", [a]);
  expect(shown(members)).toEqual(["10.0.0.1:8000 1 config", "10.0.0.2:8000 2 admin"]);
});

test("what the admin API added becomes the file's once it is listed there, and goes with it", () => {
  const members = reading(a);
  members.add(b.url, 2);
  members.read("config", [a, { ...b, weight: 5 }]);
  expect(shown(members)).toEqual(["10.0.0.1:8000 1 config", "10.0.0.2:8000 5 config"]);
  members.read("config", [a]);
  expect(shown(members)).toEqual(["10.0.0.1:8000 1 config"]);
});

test("what the admin API removed stays away until the file's list changes", () => {
  const members = reading(a, b);
  members.remove(id("10.0.0.1:8000"));
  expect(members.get(id("10.0.0.1:8000"))).toBeUndefined();
  members.read("config", [b, a]);
  expect(shown(members)).toEqual(["10.0.0.2:8000 1 config"]);
  members.read("config", [{ ...b, weight: 2 }, a]);
  expect(shown(members)).toEqual(["10.0.0.2:8000 2 config", "10.0.0.1:8000 1 config"]);
});

test("a backend of the file that was removed and added again is the admin API's until the file changes", () => {
  const members = reading(a, b);
  members.remove(id("10.0.0.1:8000"));
  members.add(a.url, 4);
  members.read("config", [a, b]);
  expect(shown(members)).toEqual(["10.0.0.2:8000 1 config", "10.0.0.1:8000 4 admin"]);
  members.read("config", [a]);
  expect(shown(members)).toEqual(["10.0.0.1:8000 1 config"]);
});

test("removing what the admin API added leaves nothing of it", () => {
  const members = reading(a);
  members.add(b.url, 1);
  members.remove(id("10.0.0.2:8000"));
  members.read("config", [a, b]);
  expect(shown(members)).toEqual(["10.0.0.1:8000 1 config", "10.0.0.2:8000 1 config"]);
});

test("a changed scheme or a replaced backend is a change of the list", () => {
  for (const next of [[{ ...a, url: "https://10.0.0.1:8000" }], [a, { url: "http://10.0.0.3:1", weight: 1 }]]) {
    const members = reading(a, b);
    members.remove(id("10.0.0.1:8000"));
    members.read("config", next);
    expect(members.get(id("10.0.0.1:8000"))).toBeDefined();
  }
});

describe("what is found", () => {
  test("joins the file's list, and one of the same address counts once: the config first, then the file, then DNS", () => {
    const members = reading(a);
    expect(members.read("dns", [{ ...a, weight: 7 }, b])).toBe(true);
    expect(shown(members)).toEqual(["10.0.0.1:8000 1 config", "10.0.0.2:8000 1 dns"]);
    members.read("file", [{ ...b, weight: 4 }]);
    expect(shown(members)).toEqual(["10.0.0.1:8000 1 config", "10.0.0.2:8000 4 file"]);
    members.read("file", []);
    members.read("config", []);
    expect(shown(members)).toEqual(["10.0.0.1:8000 7 dns", "10.0.0.2:8000 1 dns"]);
    expect(members.read("dns", [{ ...a, weight: 7 }, b])).toBe(false);
  });

  test("may be changed by the admin API, keeps the rest of what was found, and is as found when that is forgotten", () => {
    const members = reading();
    members.read("dns", [{ ...b, priority: 2, servername: "api.internal" }]);
    members.add(b.url, 9);
    expect(members.get(id("10.0.0.2:8000"))).toMatchObject({
      ...{ weight: 9, origin: "admin", priority: 2, servername: "api.internal" },
    });
    members.forget(id("10.0.0.2:8000"));
    expect(shown(members)).toEqual(["10.0.0.2:8000 1 dns"]);
  });

  test("stays away once the admin API removed it, until it is found anew", () => {
    const members = reading(a);
    members.read("dns", [b]);
    members.remove(id("10.0.0.2:8000"));
    members.read("config", []);
    members.read("dns", [{ ...b, weight: 2 }]);
    expect(shown(members)).toEqual([]);
    members.read("dns", []);
    members.read("dns", [b]);
    expect(shown(members)).toEqual(["10.0.0.2:8000 1 dns"]);
  });
});
