import { planServe, readDemands, type ServePlan, type StoredEntry } from "../src/index.ts";
import { anEntry, aRequest, aResponse, httpDate, NOW } from "./support.ts";

const BODY = "0123456789".repeat(50);
const FIELDS = ["Cache-Control", "max-age=60", "ETag", '"a"', "Last-Modified", httpDate(-100), "Date", httpDate(0)];
const ENTRY = anEntry(BODY, {
  fields: [...FIELDS, "Content-Type", "text/plain", "Content-Location", "/x", "X-A", "1"],
});

function serve(fields: string[], entry: StoredEntry = ENTRY, method = "GET"): ServePlan {
  const request = aRequest({ method, fields });
  return planServe(request, readDemands(fields, aResponse().policy), entry, NOW);
}

function value({ fields }: ServePlan, name: string): string | undefined {
  const at = fields.indexOf(name);
  return at < 0 ? undefined : fields[at + 1];
}

function text(plan: ServePlan): string {
  return plan.kind === "partial" ? Buffer.concat([...plan.body]).toString("latin1") : "";
}

describe("a plain request", () => {
  test("gets the entry itself, without a copy", () => {
    const plan = serve([]);
    expect(plan).toEqual({ kind: "whole", status: 200, fields: ENTRY.fields, body: ENTRY.body });
    expect(plan.fields).toBe(ENTRY.fields);
  });

  test("HEAD gets no body", () => {
    expect(serve(["Range", "bytes=0-1"], ENTRY, "HEAD")).toEqual({ kind: "head", status: 200, fields: ENTRY.fields });
  });
});

describe("conditions", () => {
  test.each<[string, string[], number]>([
    ["the tag", ["If-None-Match", '"a"'], 304],
    ["compared weakly", ["If-None-Match", 'W/"a"'], 304],
    ["among others", ["If-None-Match", '"1", "a"', "If-None-Match", '"2"'], 304],
    ["any", ["If-None-Match", "*"], 304],
    ["another tag", ["If-None-Match", '"b"'], 200],
    ["tags go before dates", ["If-None-Match", '"b"', "If-Modified-Since", httpDate(0)], 200],
    ["and the other way round", ["If-None-Match", '"a"', "If-Modified-Since", httpDate(-999)], 304],
    ["the same date", ["If-Modified-Since", httpDate(-100)], 304],
    ["a later date", ["If-Modified-Since", httpDate(-50)], 304],
    ["an earlier date", ["If-Modified-Since", httpDate(-101)], 200],
    ["no date", ["If-Modified-Since", "yesterday"], 200],
    ["the tag and a range", ["If-None-Match", '"a"', "Range", "bytes=0-1"], 304],
    ["another tag and a range", ["If-None-Match", '"b"', "Range", "bytes=0-1"], 206],
  ])("%s", (_name, fields, status) => expect(serve(fields).status).toBe(status));

  test("without Last-Modified the Date is compared (RFC 9111 §4.3.2)", () => {
    const entry = anEntry("x", { fields: ["Cache-Control", "max-age=60", "Date", httpDate(0)] });
    expect(serve(["If-Modified-Since", httpDate(0)], entry).status).toBe(304);
    expect(serve(["If-Modified-Since", httpDate(-3000)], entry).status).toBe(200);
  });

  test("do not count for other statuses than 200", () => {
    const entry = anEntry("x", { status: 404, fields: FIELDS });
    expect(serve(["If-None-Match", '"a"', "Range", "bytes=0-0"], entry).status).toBe(404);
  });

  test("a 304 has what RFC 9110 §15.4.5 asks for, and nothing of the content", () => {
    const plan = serve(["If-None-Match", '"a"']);
    for (const name of ["Cache-Control", "ETag", "Date", "Content-Location", "X-A"])
      expect(value(plan, name)).toBeDefined();
    for (const name of ["Content-Type", "Content-Length", "Last-Modified"]) expect(value(plan, name)).toBeUndefined();
  });

  test("and Last-Modified where there is no tag", () => {
    const entry = anEntry("x", { fields: ["Cache-Control", "max-age=60", "Last-Modified", httpDate(-100)] });
    expect(value(serve(["If-Modified-Since", httpDate(0)], entry), "Last-Modified")).toBe(httpDate(-100));
  });
});

describe("ranges", () => {
  test.each<[string, string, string]>([
    ["bytes=0-1", "01", "bytes 0-1/500"],
    ["bytes=498-", "89", "bytes 498-499/500"],
    ["bytes=-3", "789", "bytes 497-499/500"],
    ["bytes=499-9999", "9", "bytes 499-499/500"],
  ])("%s", (range, body, contentRange) => {
    const plan = serve(["Range", range]);
    expect([plan.status, text(plan)]).toEqual([206, body]);
    expect(value(plan, "Content-Range")).toBe(contentRange);
    expect(value(plan, "Content-Length")).toBe(String(body.length));
    expect(value(plan, "ETag")).toBe('"a"');
    expect(value(plan, "Content-Type")).toBe("text/plain");
  });

  test("beyond the end", () => {
    const plan = serve(["Range", "bytes=500-"]);
    expect([plan.status, value(plan, "Content-Range"), value(plan, "Content-Length")]).toEqual([
      416,
      "bytes */500",
      "0",
    ]);
  });

  test.each<[string, string[]]>([
    ["another unit", ["Range", "lines=0-1"]],
    ["nonsense", ["Range", "bytes=b"]],
    ["If-Range with another tag", ["Range", "bytes=0-1", "If-Range", '"b"']],
    ["If-Range with a weak tag", ["Range", "bytes=0-1", "If-Range", 'W/"a"']],
    ["If-Range with another date", ["Range", "bytes=0-1", "If-Range", httpDate(0)]],
  ])("%s: all of it", (_name, fields) => expect(serve(fields).kind).toBe("whole"));

  test.each<[string, string]>([
    ["the tag", '"a"'],
    ["the date", httpDate(-100)],
  ])("If-Range with %s", (_name, ifRange) =>
    expect(serve(["Range", "bytes=0-1", "If-Range", ifRange]).status).toBe(206),
  );
});

describe("several ranges", () => {
  const plan = serve(["Range", "bytes=0-1,200-202,-1"]);
  const boundary = /boundary=(.+)$/.exec(value(plan, "Content-Type") ?? "")?.[1] ?? "";

  test("come as multipart/byteranges", () => {
    const part = (range: string, body: string) =>
      `\r\n--${boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes ${range}/500\r\n\r\n${body}`;
    const expected = `${part("0-1", "01")}${part("200-202", "012")}${part("499-499", "9")}\r\n--${boundary}--\r\n`;
    expect(text(plan)).toBe(expected);
    expect(value(plan, "Content-Type")).toBe(`multipart/byteranges; boundary=${boundary}`);
    expect(value(plan, "Content-Length")).toBe(String(expected.length));
    expect(value(plan, "Content-Range")).toBeUndefined();
  });

  test("and the boundary is nowhere in the body", () => {
    const entry = anEntry(`--${boundary}${BODY}--${boundary}x`, { fields: ["Cache-Control", "max-age=60"] });
    const other = serve(["Range", "bytes=0-1,300-301"], entry);
    expect(value(other, "Content-Type")).toBe(`multipart/byteranges; boundary=${boundary}xx`);
    expect(text(other)).not.toContain("Content-Type");
  });
});
