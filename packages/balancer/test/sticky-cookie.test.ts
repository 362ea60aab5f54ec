import { readCookie, setStickyCookie } from "../src/sticky-cookie.ts";
import { StickyTokens } from "../src/sticky-tokens.ts";
import { id } from "./helpers.ts";

const a = id("127.0.0.1:8000");
const b = id("127.0.0.1:8001");

describe("tokens", () => {
  test("stand for their backend, and tell nothing of its address", () => {
    const tokens = new StickyTokens("secret", "default");
    tokens.replace([a, b]);
    expect(tokens.tokenOf(a)).toMatch(/^[\w-]{22}$/);
    expect(tokens.find(tokens.tokenOf(a))).toBe(a);
    expect(tokens.find(tokens.tokenOf(b))).toBe(b);
  });

  test("are the same in another gateway with the secret, and no good with another or in another pool", () => {
    const token = new StickyTokens("secret", "default").tokenOf(a);
    for (const [tokens, expected] of [
      [new StickyTokens(Buffer.from("secret"), "default"), a],
      [new StickyTokens("other", "default"), undefined],
      [new StickyTokens("secret", "canary"), undefined],
    ] as const) {
      tokens.replace([a]);
      expect(tokens.find(token)).toBe(expected);
    }
  });

  test.each(["", "127.0.0.1:8000", "AAAAAAAAAAAAAAAAAAAAAA"])(
    "what a client makes up (%j) stands for none",
    (value) => {
      const tokens = new StickyTokens("secret", "default");
      tokens.replace([a]);
      expect(tokens.find(value)).toBeUndefined();
    },
  );

  test("of backends that are gone stand for none; those of the others stay", () => {
    const tokens = new StickyTokens("secret", "default");
    tokens.replace([a, b]);
    const [ofA, ofB] = [tokens.tokenOf(a), tokens.tokenOf(b)];
    tokens.replace([b]);
    expect(tokens.find(ofA)).toBeUndefined();
    expect(tokens.find(ofB)).toBe(b);
  });
});

describe("the cookie", () => {
  test.each([
    [{ name: "hg_backend" }, "hg_backend=T; Path=/; HttpOnly; SameSite=Lax"],
    [
      { name: "s", lifetime: 3_600_500, path: "/app", secure: true, sameSite: "None" as const },
      "s=T; Path=/app; Max-Age=3600; HttpOnly; Secure; SameSite=None",
    ],
  ])("%j", (cookie, expected) => {
    expect(setStickyCookie(cookie, "T")).toBe(expected);
  });

  test.each([
    ["hg=1", "1"],
    ["a=b; hg=1; c=d", "1"],
    ["xhg=2;hg=1", "1"],
    ["hg=a=b", "a=b"],
    ["hg=", ""],
    ["hg", undefined],
    ["HG=1", undefined],
    ["", undefined],
  ])("in %j it is %j", (field, expected) => {
    expect(readCookie(field, "hg")).toBe(expected);
  });
});
