import { fieldValue, forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { chooseEncoding, chooseMediaType, parseQualityList } from "../src/index.ts";

const SUPPORTED = ["br", "zstd", "gzip", "deflate"];

test.each<[string | undefined, string]>([
  [undefined, "identity"],
  ["", "identity"],
  ["gzip, deflate, br, zstd", "br"],
  ["gzip, deflate, br", "br"],
  ["gzip, deflate", "gzip"],
  ["gzip,deflate", "gzip"],
  ["GZIP", "gzip"],
  ["x-gzip", "gzip"],
  ["brotli, my-gzip, gzip2", "identity"],
  ["compress, gzip", "gzip"],
  ["identity", "identity"],
  ["*", "br"],
  ["*;q=0", "identity"],
  ["gzip;q=0.5, br;q=0.4", "gzip"],
  ["gzip;q=1.0, br;q=1.0", "br"],
  ["gzip;q=0.8, deflate;q=0.9", "deflate"],
  ["br;q=0, gzip", "gzip"],
  ["br;q=0, *", "zstd"],
  ["br;q=0, *;q=0.5, deflate", "deflate"],
  ["gzip;q=0", "identity"],
  ["identity;q=0, gzip;q=0.1", "gzip"],
  ["identity;q=0", "identity"],
  ["identity;q=1, gzip;q=0.5", "identity"],
  ["identity;q=0.5, gzip;q=0.5", "gzip"],
  ["gzip ; Q=0.3 , br ; q=0.2", "gzip"],
  ["br;q=0.000, gzip;q=0.001", "gzip"],
  ["br;q=2, gzip;q=0.9", "br"],
])("Accept-Encoding %j chooses %s", (value, coding) => {
  expect(chooseEncoding(value, SUPPORTED)).toBe(coding);
});

test("the order of the server counts among equals, and only what it supports", () => {
  expect(chooseEncoding("gzip, br", ["gzip", "br"])).toBe("gzip");
  expect(chooseEncoding("gzip;q=1, br;q=1", ["gzip", "br"])).toBe("gzip");
  expect(chooseEncoding("br", ["gzip"])).toBe("identity");
  expect(chooseEncoding("br", [])).toBe("identity");
});

test("the short way and the long way choose the same", () => {
  const names = fc.subarray(["gzip", "br", "zstd", "deflate", "identity", "compress"], { minLength: 1 });
  forAll(
    names,
    (list) => chooseEncoding(list.join(", "), SUPPORTED) === chooseEncoding(`${list.join(",")};q=1`, SUPPORTED),
  );
});

test("a coding that is refused is never chosen, and no value makes it throw", () => {
  forAll(fieldValue(), fc.constantFrom(...SUPPORTED), (value, refused) => {
    expect([...SUPPORTED, "identity"]).toContain(chooseEncoding(value, SUPPORTED));
    expect(chooseEncoding(`${refused};q=0, *`, SUPPORTED)).not.toBe(refused);
  });
});

test.each<[string | undefined, string | undefined]>([
  [undefined, "application/json"],
  ["", "application/json"],
  ["*/*", "application/json"],
  ["text/html", "text/html"],
  ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"],
  ["application/json, text/html", "application/json"],
  ["text/*", "text/html"],
  ["text/*;q=0.1, */*;q=0.5", "application/json"],
  ["*/*, application/json;q=0.1", "text/html"],
  ["application/json;q=0, text/html;q=0", undefined],
  ["image/png", undefined],
  ["Text/HTML;level=1;q=0.7, application/json;q=0.6", "text/html"],
  ["te/*", undefined],
])("Accept %j chooses %s", (value, type) => {
  expect(chooseMediaType(value, ["application/json", "text/html"])).toBe(type);
});

test("weights are parsed by their own grammar", () => {
  expect(parseQualityList('a;q=0.123, B ; x="q=0.1, y" ;q=0, c;q=1.000, d;q=.5, e;q=0.1234, ;q=1, f;q=')).toEqual([
    { name: "a", q: 0.123 },
    { name: "b", q: 0 },
    { name: "c", q: 1 },
    { name: "d", q: 1 },
    { name: "e", q: 1 },
    { name: "q=1", q: 1 },
    { name: "f", q: 1 },
  ]);
});
