import { type CheckAnswer, type Expectation, judgeResponse } from "../src/judge-response.ts";

const answer: CheckAnswer = {
  status: 200,
  body: '{"status":"ok"}',
  field: (name) => (name === "x-ready" ? "yes" : undefined),
};

test.each<[Expectation, Partial<CheckAnswer>, string | null]>([
  [{}, {}, null],
  [{}, { status: 299 }, null],
  [{}, { status: 302 }, "status 302"],
  [{ status: [200, [400, 499]] }, { status: 404 }, null],
  [{ status: [200, [400, 499]] }, { status: 204 }, "status 204"],
  [{ body: "ok" }, {}, null],
  [{ body: "fine" }, {}, 'body has no "fine"'],
  [{ body: /"status":\s*"ok"/ }, {}, null],
  [{ body: /^up$/ }, {}, "body does not match /^up$/"],
  [{ fields: { "x-ready": "yes" } }, {}, null],
  [{ fields: { "x-ready": null } }, {}, null],
  [{ fields: { "x-ready": "no" } }, {}, 'x-ready is "yes", not "no"'],
  [{ fields: { etag: null } }, {}, "no etag field"],
  [{ body: "x".repeat(60) }, {}, `body has no "${"x".repeat(40)}…"`],
])("expecting %j of %j: %s", (expected, more, reason) => {
  const verdict = judgeResponse({ ...answer, ...more }, expected);
  expect(verdict).toEqual(reason === null ? { ok: true } : { ok: false, reason });
});

test("a pattern with state judges each answer alike", () => {
  const body = /ok/g;
  expect([1, 2, 3].map(() => judgeResponse(answer, { body }).ok)).toEqual([true, true, true]);
});
