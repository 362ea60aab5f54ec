import { API_KEY } from "../src/request-fields.ts";
import { requestFields } from "./fields.ts";

/** One size of what grows. */
export interface Size {
  readonly label: string;
  /** Keys of Headgate's config beside those that all have. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Where bare Node finds the origin: host and port. */
  readonly backends: readonly string[];
  readonly fields: Readonly<Record<string, string>>;
  /** What differs between requests (`requests.lua`), and how many of it there are; null: one URL. */
  readonly spread: { readonly name: "entries" | "scattered" | "routes"; readonly count: number } | null;
  readonly path: string;
}

/** What grows, small and large. */
export interface Case {
  readonly name: string;
  readonly title: string;
  readonly sizes: readonly [Size, Size];
  /** Whether bare Node has it too. */
  readonly bare: boolean;
  /** Whether one Headgate has both sizes in turn. */
  readonly together: boolean;
  /** How many requests it takes until all is as it stays. */
  readonly warm: (size: Size) => number;
}

/** Addresses of the loopback network on which the origin listens, on each of its ports. */
export const HOSTS: readonly string[] = Array.from({ length: 250 }, (_, at) => `127.0.0.${at + 1}`);

const ROUTES = 1000;

/** How many of 1,000 backends a subset has. */
const SUBSET = 20;

function route(at: number): object {
  if (at % 3 === 0) return { path: `/r/service-${at}` };
  return { path: "/r", host: at % 3 === 1 ? `service-${at}.example.com` : `*.region-${at}.example.com` };
}

function poolOf(backends: readonly string[], more: object = {}): object {
  // Checks are a cost of their own, by the second and not by the request: `idle.ts` measures it.
  return { default: { backends: backends.map((each) => `http://${each}`), health: { interval: "1h" }, ...more } };
}

/** The cases, with an origin that listens on these ports of each of `HOSTS`. */
export function casesFor(ports: readonly number[]): readonly Case[] {
  const backends = HOSTS.flatMap((host) => ports.map((port) => `${host}:${port}`));
  const few = backends.slice(0, ports.length);
  const fields = requestFields(5);
  const base: Omit<Size, "label"> = { config: {}, backends: few, fields, spread: null, path: "/p/1k" };
  const pool = (label: string, own: readonly string[], more: object = {}): Size => {
    return { ...base, label, backends: own, config: { pools: poolOf(own, more) } };
  };
  const entries = (name: "entries" | "scattered"): [Size, Size] => {
    const config = { cache: { entries: 200_000, memory: "1GiB" } };
    const size = (label: string, count: number): Size => {
      return { ...base, label, config, path: "/c/1k?entry=0", spread: { name, count } };
    };
    const order = name === "scattered" ? ", in another order" : "";
    return [size("10 entries", 10), size(`100,000 entries${order}`, 100_000)];
  };
  const routes = (label: string, count: number): Size => {
    const list = [...Array.from({ length: count - 1 }, (_, at) => route(at)), { path: "/" }];
    return {
      ...base,
      label,
      config: { routes: list },
      path: "/r/service-0/v1",
      spread: { name: "routes", count: ROUTES },
    };
  };
  const headers = (count: number): Size => ({ ...base, label: `${count} fields`, fields: requestFields(count) });
  const none = (): number => 0;
  const stored = {
    bare: true,
    // Both caches in one process would be one of 100,000 entries.
    together: false,
    // Each is stored, hit, and hit once more, which is when its lines are kept as text: after that nothing of it changes.
    warm: ({ spread }: Size) => (spread?.count ?? 0) * 3.1,
  };
  return [
    { ...stored, name: "entries", title: "Hits of 1 KB, over all entries in turn", sizes: entries("entries") },
    { ...stored, name: "scattered", title: "Hits of 1 KB, in another order", sizes: entries("scattered") },
    {
      ...{ name: "backends", title: "GET 1 KB, passed to all backends in turn", bare: true },
      ...{ together: true, warm: none },
      sizes: [pool("4 backends", few), pool("1,000 backends", backends)],
    },
    {
      ...{ name: "subset", title: `GET 1 KB, passed to a subset of ${SUBSET} of all backends`, bare: false },
      ...{ together: true, warm: none },
      sizes: [pool("4 backends", few), pool(`${SUBSET} of 1,000 backends`, backends, { subset: SUBSET })],
    },
    {
      ...{ name: "routes", title: "GET 1 KB, passed on, over 1,000 paths and hosts", bare: false },
      ...{ together: true, warm: none },
      sizes: [routes("1 route", 1), routes("1,000 routes", ROUTES)],
    },
    {
      ...{ name: "fields", title: "GET 1 KB, passed on, with header fields as browsers send", bare: true },
      ...{ together: true, warm: none },
      sizes: [headers(5), headers(60)],
    },
  ];
}

/** Headgate's config for one size. */
export function configFor({ config, backends }: Size, port: number, folder: string): object {
  return {
    listeners: [{ port, host: "127.0.0.1" }],
    admin: { host: "127.0.0.1", port: 0 },
    auth: { apiKeys: [{ name: "bench", key: API_KEY }] },
    pools: poolOf(backends),
    log: { access: false },
    stateDir: `${folder}/state`,
    ...config,
  };
}
