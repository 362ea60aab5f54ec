import {
  appendForwarded,
  endToEnd,
  getField,
  planFraming,
  planTarget,
  replaceForwarded,
  viaValue,
} from "@headgate/http";
import { bench, do_not_optimize, group } from "mitata";
import { BROWSER_FIELDS, withMore } from "./browser.ts";

const MANY = withMore(45);
const HOP = { peerAddress: "203.0.113.7", scheme: "https", host: "shop.example.com", port: 443 } as const;
const TRUSTED = [...BROWSER_FIELDS, "X-Forwarded-For", "198.51.100.1, 203.0.113.9", "Forwarded", "for=198.51.100.1"];

group("http: requests", () => {
  bench("planFraming, 15 fields", () => do_not_optimize(planFraming("1.1", "GET", BROWSER_FIELDS)));
  bench("planFraming, 60 fields", () => do_not_optimize(planFraming("1.1", "GET", MANY)));
  bench("planTarget, plain", () => do_not_optimize(planTarget("GET", "/products/17?color=red", "shop.example.com")));
  bench("planTarget, to be normalised", () =>
    do_not_optimize(planTarget("GET", "/a/../products/%7E17?color=red", "shop.example.com")),
  );
});

group("http: fields", () => {
  bench("getField, there", () => do_not_optimize(getField(BROWSER_FIELDS, "accept-encoding")));
  bench("getField, not there", () => do_not_optimize(getField(BROWSER_FIELDS, "range")));
  bench("endToEnd, 15 fields", () => do_not_optimize(endToEnd(BROWSER_FIELDS)));
  bench("endToEnd, 60 fields", () => do_not_optimize(endToEnd(MANY)));
});

group("http: forwarding fields", () => {
  bench("replaceForwarded", () => do_not_optimize(replaceForwarded(BROWSER_FIELDS, HOP)));
  bench("appendForwarded", () => do_not_optimize(appendForwarded(TRUSTED, HOP)));
  bench("viaValue", () => do_not_optimize(viaValue(BROWSER_FIELDS, "1.1", "headgate")));
});
