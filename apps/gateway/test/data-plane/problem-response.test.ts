import { getField } from "@headgate/http";
import { GatewayError } from "../../src/gateway-error.ts";
import { problemResponse } from "../../src/problem-response.ts";

const error = new GatewayError("no-route", "No route takes <this>.", { fields: ["Retry-After", "1"] });

test.each<[string, string[], "json" | "html"]>([
  ["no Accept", [], "json"],
  ["anything", ["Accept", "*/*"], "json"],
  ["a browser", ["Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"], "html"],
  ["HTML alone", ["accept", "text/html"], "html"],
  ["JSON rather than HTML", ["Accept", "application/problem+json, text/html;q=0.5"], "json"],
  ["HTML rather than JSON", ["Accept", "application/problem+json;q=0.5, text/html"], "html"],
  ["HTML refused", ["Accept", "text/html;q=0, */*"], "json"],
  ["any text", ["Accept", "text/*"], "json"],
])("%s: %j gives %s", (_name, fields, expected) => {
  const response = problemResponse(error, fields, "id-1");
  const type = getField(response.fields, "content-type");
  const text = String(response.body);
  expect(type).toBe(expected === "html" ? "text/html; charset=utf-8" : "application/problem+json");
  if (expected === "html") expect(text).toContain("No route takes &lt;this&gt;.");
  else expect(JSON.parse(text)).toMatchObject({ status: 404, code: "no-route", instance: "id-1" });
});

test("the length is that of the bytes, not of the characters", () => {
  const response = problemResponse(new GatewayError("no-route", "né"), []);
  expect(getField(response.fields, "content-length")).toBe(String((response.body as Buffer).length));
});

test("it is the gateway's, may not be stored, and has the error's own fields", () => {
  const response = problemResponse(error, []);
  expect(response).toMatchObject({ status: 404, source: "gateway", backend: null });
  expect([getField(response.fields, "cache-control"), getField(response.fields, "retry-after")]).toEqual([
    "no-store",
    "1",
  ]);
});

test("an error tells its code, its status and its cause", () => {
  const cause = new Error("deep down");
  const caused = new GatewayError("overload", "Too much.", { cause });
  expect([caused.message, caused.status, caused.cause, caused.fields]).toEqual(["overload: Too much.", 503, cause, []]);
  expect("cause" in new GatewayError("overload", "Too much.")).toBe(false);
});
