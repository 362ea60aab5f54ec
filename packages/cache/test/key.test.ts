import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import {
  type CacheKey,
  type CachePolicyOptions,
  type CacheRequest,
  compilePolicy,
  primaryKey,
  urlKey,
  urlOfKey,
} from "../src/index.ts";
import { aRequest } from "./support.ts";

function key(request: Partial<CacheRequest>, options: NonNullable<CachePolicyOptions["key"]> = {}): string {
  return primaryKey(aRequest(request), compilePolicy({ key: options }));
}

describe("the key of a request", () => {
  test("is its URL", () => {
    expect(key({ scheme: "https", host: "h:8443", path: "/a?b=1&a=2" })).toBe("https://h:8443/a?b=1&a=2");
  });

  test("is the same for GET, HEAD and POST, whoever asks", () => {
    const keys = ["GET", "HEAD", "POST"].map((method) => key({ method, identity: method }));
    expect(new Set(keys).size).toBe(1);
  });

  test.each<[NonNullable<CachePolicyOptions["key"]>, string, string]>([
    [{ query: "none" }, "/a?x=1", "/a"],
    [{ query: "none" }, "/a", "/a"],
    [{ query: { allow: ["id", "p*"] } }, "/a?x=1&page=2&id=3&id=4", "/a?page=2&id=3&id=4"],
    [{ query: { deny: ["utm_*", "fbclid"] } }, "/a?utm_source=x&q=1&fbclid=2", "/a?q=1"],
    [{ query: { deny: ["a"] } }, "/a?a&b", "/a?b"],
    [{ query: { deny: ["a"] } }, "/a?a=1", "/a"],
    [{ sortQuery: true }, "/a?b=2&a=1&b=1&a", "/a?a=1&a&b=2&b=1"],
    [{ sortQuery: true, query: { allow: ["b"] } }, "/a?b=2&a=1", "/a?b=2"],
  ])("%j: %s is %s", (options, path, expected) => expect(key({ path }, options)).toBe(`http://h${expected}`));

  test("has the cookies and fields that the policy names, and none else", () => {
    const options = { cookies: ["theme"], headers: ["X-Tenant"] };
    const dark = key({ fields: ["Cookie", "a=1; theme=dark", "X-Tenant", "t1"] }, options);
    expect(key({ fields: ["cookie", "theme=dark;a=2", "x-tenant", " t1"] }, options)).toBe(dark);
    const others = [
      key({ fields: ["Cookie", "theme=light", "X-Tenant", "t1"] }, options),
      key({ fields: ["Cookie", "theme=dark", "X-Tenant", "t2"] }, options),
      key({ fields: ["Cookie", "theme=dark"] }, options),
      key({ fields: ["X-Tenant", "t1"] }, options),
      key({}, options),
    ];
    expect(new Set([dark, ...others]).size).toBe(6);
  });

  test("origins that answer the same URL have keys of their own, of the same URL", () => {
    const keys = [
      key({}),
      key({ origin: "a" }),
      key({ origin: "b" }),
      key({ fields: ["origin", "a"] }, { headers: ["origin"] }),
    ];
    expect(new Set(keys).size).toBe(4);
    expect(new Set(keys.map((each) => urlOfKey(each as CacheKey)))).toEqual(new Set([key({})]));
  });

  test("a QUERY has its body in its key, and how that is to be read", () => {
    const query = (bodyDigest: string, type: string) =>
      key({ method: "QUERY", hasBody: true, bodyDigest, fields: ["Content-Type", type] });
    const keys = [key({}), query("d1", "a/b"), query("d2", "a/b"), query("d1", "a/c")];
    expect(new Set(keys).size).toBe(4);
  });

  test("leads back to its URL", () => {
    const options = { cookies: ["theme"] };
    const policy = compilePolicy({ key: options });
    const request = aRequest({ path: "/a?b" });
    expect(urlOfKey(primaryKey(request, policy))).toBe(urlKey(request, policy));
    expect(urlOfKey(urlKey(request, policy))).toBe("http://h/a?b");
  });

  test("no value can pass for another part", () => {
    const value = fc.string({ unit: fc.constantFrom(..."ab=:1 2"), maxLength: 6 });
    const options = { headers: ["x", "y"] };
    forAll(value, value, value, value, (x1, y1, x2, y2) => {
      const one = key({ fields: ["x", x1, "y", y1] }, options);
      const two = key({ fields: ["x", x2, "y", y2] }, options);
      return (one === two) === (x1.trim() === x2.trim() && y1.trim() === y2.trim());
    });
  });
});
