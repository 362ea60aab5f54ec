import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { PROBLEM_CODES, problemBody, problemKind, problemPage } from "../src/index.ts";

test("every status of the contract has a code, and every code a status and a title", () => {
  const statuses = new Set(PROBLEM_CODES.map((code) => problemKind(code).status));
  for (const status of [400, 401, 403, 404, 405, 408, 413, 414, 429, 431, 500, 501, 502, 503, 504]) {
    expect(statuses).toContain(status);
  }
  for (const code of PROBLEM_CODES) {
    const { title, type } = problemKind(code);
    expect(title).not.toBe("");
    expect(type).toBe(`urn:headgate:problem:${code}`);
  }
});

test("the body is RFC 9457 with a stable code", () => {
  expect(JSON.parse(problemBody("no-route", "Nothing is served at /x.", "req-1"))).toEqual({
    type: "urn:headgate:problem:no-route",
    title: "No route leads there",
    status: 404,
    code: "no-route",
    detail: "Nothing is served at /x.",
    instance: "req-1",
  });
  expect(problemBody("internal", "x")).not.toContain("instance");
});

test("the page shows the same, and lets no markup in", () => {
  const page = problemPage("no-route", `<script>alert("1")</script> & 'x'`, "<b>");
  expect(page).toContain("<title>404 No route leads there</title>");
  expect(page).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;");
  expect(page).toContain("Reference: &lt;b&gt;");
  expect(page).toContain("Code: no-route");
  expect(problemPage("internal", "x")).not.toContain("Reference");
});

test("no detail can add an element to the page", () => {
  const tags = (page: string) => page.match(/<[a-z!/][^>]*>/g);
  const plain = tags(problemPage("internal", "x", "y"));
  forAll(fc.string(), fc.string(), (detail, instance) => {
    expect(tags(problemPage("internal", detail, instance))).toEqual(plain);
  });
});
