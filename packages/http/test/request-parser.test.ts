import fc from "fast-check";
import { type ReceivedHead, type RequestEvents, type RequestFault, RequestParser } from "../src/index.ts";

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]);
const MAX_HEAD = 512;

/** What a parser has told, adjacent data joined. */
class Told implements RequestEvents {
  readonly heads: ReceivedHead[] = [];
  /** One for each head. */
  readonly contents: string[] = [];
  readonly ended: boolean[] = [];
  fault: RequestFault | null = null;

  head(head: ReceivedHead): void {
    this.heads.push(head);
    this.contents.push("");
    this.ended.push(false);
  }

  data(chunk: Buffer): void {
    this.contents[this.contents.length - 1] += chunk.toString("latin1");
  }

  end(): void {
    this.ended[this.ended.length - 1] = true;
  }

  malformed(fault: RequestFault): void {
    if (this.fault !== null) throw new Error("told twice of a fault");
    this.fault = fault;
  }
}

/** Feeds pieces to a parser as a connection does: a request is complete before the next one is asked for. */
function parse(pieces: readonly string[]) {
  const told = new Told();
  const parser = new RequestParser(told, { maxHead: MAX_HEAD, methods: METHODS });
  for (const piece of pieces) {
    let rest = Buffer.from(piece, "latin1");
    while (rest.length > 0) {
      const used = parser.execute(rest);
      if (used <= 0 && !parser.whole) throw new Error("the parser reads nothing");
      rest = rest.subarray(used);
      if (parser.whole) parser.next();
    }
    if (parser.whole) parser.next();
  }
  return { told, parser };
}

const HOST = "Host: a\r\n";

test("a head is read as it came", () => {
  const { told } = parse(["PUT /a%2Fb?x=1 HTTP/1.1\r\nHost: A:80\r\nX-A:  1 \t\r\nx-a:\r\nX-B: \xe9\r\n\r\n"]);
  expect(told.heads).toEqual([
    {
      ...{ method: "PUT", target: "/a%2Fb?x=1", version: "1.1", framing: { kind: "none" } },
      section: { list: ["Host", "A:80", "X-A", "1", "x-a", "", "X-B", "\xe9"] },
    },
  ]);
  expect(told.fault).toBeNull();
});

test.each<[string, string, string, boolean]>([
  ["by its length", `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhello`, "hello", true],
  [
    "by chunks",
    `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nA: b\r\n\r\n`,
    "hello",
    true,
  ],
  ["by nothing", `POST / HTTP/1.1\r\n${HOST}\r\n`, "", false],
  ["by length 0", `POST / HTTP/1.1\r\n${HOST}Content-Length: 0\r\n\r\n`, "", false],
])("content is delimited %s, and the next request begins behind it", (_what, request, content, ended) => {
  const { told, parser } = parse([`${request}GET /next HTTP/1.0\r\n\r\n`]);
  expect([told.contents, told.ended]).toEqual([
    [content, ""],
    [ended, false],
  ]);
  expect(told.heads[1]).toMatchObject({ method: "GET", target: "/next", version: "1.0" });
  expect([told.fault, parser.idle]).toEqual([null, true]);
});

test("empty lines before a request are let pass, and nothing else", () => {
  const { told } = parse([`\r\n\r\nGET / HTTP/1.1\r\n${HOST}\r\n\r\n`, "\r", "\n", `GET /b HTTP/1.1\r\n${HOST}\r\n`]);
  expect(told.heads.map(({ target }) => target)).toEqual(["/", "/b"]);
  for (const bad of ["\n", "\r\r\n", " \r\n"])
    expect(parse([`${bad}GET / HTTP/1.1\r\n${HOST}\r\n`]).told.fault).toMatchObject({ code: "malformed-request" });
});

test("behind a head whose framing is refused nothing is read", () => {
  const { told, parser } = parse([
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 1, 2\r\n\r\nGET / HTTP/1.1\r\n${HOST}\r\n`,
  ]);
  expect(told.heads.map(({ framing }) => framing.kind)).toEqual(["refuse"]);
  expect([told.fault, parser.whole, parser.idle]).toEqual([null, false, false]);
});

describe("no request is", () => {
  test.each<[string, string, string]>([
    ["an unknown method", "FETCH / HTTP/1.1", "malformed-request"],
    ["a method in lower case", "get / HTTP/1.1", "malformed-request"],
    ["no target", "GET HTTP/1.1", "malformed-request"],
    ["an empty target", "GET  HTTP/1.1", "malformed-request"],
    ["two spaces before the target", "GET  / HTTP/1.1", "malformed-request"],
    ["a space before the method", " GET / HTTP/1.1", "malformed-request"],
    ["a tab for a space", "GET\t/ HTTP/1.1", "malformed-request"],
    ["no version", "GET /", "malformed-request"],
    ["HTTP/1.2", "GET / HTTP/1.2", "malformed-request"],
    ["HTTP/2.0", "GET / HTTP/2.0", "malformed-request"],
    ["HTTP/11", "GET / HTTP/11", "malformed-request"],
    ["http/1.1", "GET / http/1.1", "malformed-request"],
    ["a space behind the version", "GET / HTTP/1.1 ", "malformed-request"],
    ["a bare CR behind the version", "GET / HTTP/1.1\r", "malformed-request"],
    ["a bare LF behind the line", "GET / HTTP/1.1\nA: b", "malformed-request"],
    ["a space in a name", "GET / HTTP/1.1\r\nA b: c", "malformed-field"],
    ["a space before the colon", "GET / HTTP/1.1\r\nA : c", "malformed-field"],
    ["an empty name", "GET / HTTP/1.1\r\n: c", "malformed-field"],
    ["no colon", "GET / HTTP/1.1\r\nnonsense", "malformed-field"],
    ["a folded line", "GET / HTTP/1.1\r\nA: b\r\n c", "malformed-field"],
    ["NUL in a value", "GET / HTTP/1.1\r\nA: b\0", "malformed-field"],
    ["a bare CR in a value", "GET / HTTP/1.1\r\nA: b\rc", "malformed-field"],
    ["DEL in a value", "GET / HTTP/1.1\r\nA: \x7f", "malformed-field"],
    ["a head above the limit", `GET / HTTP/1.1\r\nA: ${"b".repeat(MAX_HEAD)}`, "fields-too-large"],
  ])("%s", (_what, head, code) => {
    const { told, parser } = parse([`${head}\r\n${HOST}\r\n`, `GET / HTTP/1.1\r\n${HOST}\r\n`]);
    expect(told).toMatchObject({ heads: [], fault: { code } });
    expect(parser.whole).toBe(false);
  });

  test("bytes of which that can be seen before the head's end", () => {
    for (const begun of ["\x16\x03\x01", "get", "GET  ", "FETCH", "GET / HTTP/1.1\nA", "GET / HTTQ/1.1\r\nA"])
      expect(parse([begun]).told.fault).toMatchObject({ code: "malformed-request" });
    for (const begun of ["G", "GE", "GET", "GET ", "GET /very/long", "GET / HTTP/1.1\r", "GET / HTTP/1.1\r\nA"])
      expect(parse([begun]).told.fault).toBeNull();
  });

  test.each(["x\r\n", "\r\n", "-1\r\n", " 5\r\n", "5\nhello", "5\r\nhello!", "fffffffffffffffff\r\n", "5;a\rb\r\n"])(
    "the chunk %j",
    (chunk) => {
      const { told } = parse([`POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n${chunk}\r\n0\r\n\r\n`]);
      expect([told.fault?.code, told.ended]).toEqual(["malformed-request", [false]]);
    },
  );

  test("trailers without an end", () => {
    const { told } = parse([
      `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n`,
      `A: ${"b".repeat(20_000)}`,
    ]);
    expect(told.fault).toMatchObject({ code: "fields-too-large" });
  });
});

describe("a request with the fields of the one before it", () => {
  const FIELDS = `${HOST}X-A: 1\r\n`;
  const sections = (...pieces: string[]) => parse(pieces).told.heads.map(({ section }) => section);

  test("has them as one object, whatever else differs", () => {
    const [first, ...others] = sections(
      `GET / HTTP/1.1\r\n${FIELDS}\r\nHEAD /b HTTP/1.1\r\n${FIELDS}\r\n`,
      `GET / HTTP/1.0\r\n${FIELDS}\r\n`,
    );
    expect(others.map((section) => section === first)).toEqual([true, true]);
  });

  test.each([
    ["another value", `${HOST}X-A: 2\r\n`],
    ["another spelling", `${HOST}x-A: 1\r\n`],
    ["one field more", `${FIELDS}X-B: 1\r\n`],
    ["one field less", HOST],
  ])("with %s it has its own", (_name, fields) => {
    const [first, second, third] = sections(
      `GET / HTTP/1.1\r\n${FIELDS}\r\nGET / HTTP/1.1\r\n${fields}\r\nGET / HTTP/1.1\r\n${FIELDS}\r\n`,
    );
    expect(second?.list).not.toEqual(first?.list);
    expect(third?.list).toEqual(first?.list);
    expect(third).not.toBe(first);
  });

  test("is framed by its own method and version", () => {
    const told = new Told();
    const parser = new RequestParser(told, { maxHead: MAX_HEAD, methods: new Set(["POST", "TRACE"]) });
    parser.execute(Buffer.from(`POST / HTTP/1.1\r\n${HOST}Content-Length: 2\r\n\r\nab`));
    parser.next();
    parser.execute(Buffer.from(`TRACE / HTTP/1.1\r\n${HOST}Content-Length: 2\r\n\r\n`));
    expect(told.heads.map(({ framing }) => framing)).toMatchObject([
      { kind: "length", length: 2 },
      { kind: "refuse", code: "content-not-allowed" },
    ]);
    const versions = parse([`GET / HTTP/1.0\r\nX-A: 1\r\n\r\n`, `GET / HTTP/1.1\r\nX-A: 1\r\n\r\n`]).told;
    expect(versions.heads.map(({ framing }) => framing)).toMatchObject([
      { kind: "none" },
      { kind: "refuse", code: "missing-host" },
    ]);
  });

  test("is told where there are no fields at all", () => {
    expect(
      parse(["GET /a HTTP/1.0\r\n\r\n", "GET /b HTTP/1.0\r\n\r\n"]).told.heads.map(({ target }) => target),
    ).toEqual(["/a", "/b"]);
  });

  test("has its own where they are long, or where they were given up meanwhile", () => {
    const long = `${HOST}X-A: ${"a".repeat(9000)}\r\n`;
    const told = new Told();
    const parser = new RequestParser(told, { maxHead: 16_384, methods: new Set(METHODS) });
    for (const [fields, forgets] of [
      [long, false],
      [long, false],
      [FIELDS, true],
      [FIELDS, false],
    ] as const) {
      parser.execute(Buffer.from(`GET / HTTP/1.1\r\n${fields}\r\n`));
      if (forgets) parser.forget();
      parser.next();
    }
    expect(new Set(told.heads.map(({ section }) => section)).size).toBe(4);
  });
});

describe("whatever comes", () => {
  const content = fc.string({ unit: "binary-ascii", maxLength: 40 });
  const request = fc.record({
    method: fc.constantFrom(...METHODS),
    path: fc.stringMatching(/^\/[a-z0-9?=]{0,20}$/),
    fields: fc.array(
      fc.tuple(fc.stringMatching(/^X-[A-Za-z]{1,8}$/), fc.stringMatching(/^([!-~]([ !-~]{0,20}[!-~])?)?$/)),
      {
        maxLength: 5,
      },
    ),
    content: fc.option(fc.array(content, { maxLength: 4 }), { nil: null }),
    isChunked: fc.boolean(),
  });
  type Request = typeof request extends fc.Arbitrary<infer T> ? T : never;

  function write({ method, path, fields, content: parts, isChunked }: Request): string {
    const head = [`${method} ${path} HTTP/1.1`, "Host: a", ...fields.map(([name, value]) => `${name}: ${value}`)];
    if (parts === null) return `${head.join("\r\n")}\r\n\r\n`;
    const whole = parts.join("");
    if (!isChunked) return `${[...head, `Content-Length: ${whole.length}`].join("\r\n")}\r\n\r\n${whole}`;
    const chunks = parts.filter((part) => part !== "").map((part) => `${part.length.toString(16)}\r\n${part}\r\n`);
    return `${[...head, "Transfer-Encoding: chunked"].join("\r\n")}\r\n\r\n${chunks.join("")}0\r\n\r\n`;
  }

  const split = (text: string, places: readonly number[]): string[] => {
    const cuts = [...places.map((place) => place % (text.length + 1)), text.length].sort((a, b) => a - b);
    return cuts.map((cut, index) => text.slice(cuts[index - 1] ?? 0, cut));
  };
  const places = fc.array(fc.nat(2000), { maxLength: 12 });

  test("requests are read back as they were written, wherever their bytes are split", () => {
    fc.assert(
      fc.property(
        fc.array(request, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat()),
        places,
        (first, repeated, at) => {
          // Some come again: of what was kept of the one before nothing may be taken for another's.
          const requests = [...first, ...repeated.map((index) => first[index % first.length] as Request)];
          const { told, parser } = parse(split(requests.map(write).join(""), at));
          expect(told.fault).toBeNull();
          expect(parser.idle).toBe(true);
          expect(told.heads.map(({ method, target, section: { list } }) => ({ method, target, fields: list }))).toEqual(
            requests.map(({ method, path, fields, content: parts, isChunked }) => ({
              ...{ method, target: path },
              fields: ["Host", "a", ...fields.flat(), ...framing(parts, isChunked)],
            })),
          );
          expect(told.contents).toEqual(requests.map(({ content: parts }) => parts?.join("") ?? ""));
        },
      ),
    );
  });

  const framing = (parts: readonly string[] | null, isChunked: boolean): string[] => {
    if (parts === null) return [];
    return isChunked ? ["Transfer-Encoding", "chunked"] : ["Content-Length", String(parts.join("").length)];
  };

  test("damaged bytes are told of once or read, never thrown at, and say the same wherever they are split", () => {
    const damage = fc.array(fc.tuple(fc.nat(500), fc.constantFrom("\r", "\n", " ", "\0", ":", "x", "\r\n", "0", ",")), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 3 }), damage, places, (requests, wounds, at) => {
        let text = requests.map(write).join("");
        for (const [place, what] of wounds) {
          const where = place % text.length;
          text = text.slice(0, where) + what + text.slice(where + 1);
        }
        const whole = parse([text]).told;
        const pieces = parse(split(text, at)).told;
        expect([pieces.heads, pieces.contents, pieces.ended]).toEqual([whole.heads, whole.contents, whole.ended]);
        // Where bytes are refused at once, no more than the reason told may differ.
        if (whole.fault !== null) expect(pieces.fault).not.toBeNull();
      }),
    );
  });
});
