import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

// The arrows of ARCHITECTURE.md, held over the sources of the whole workspace.

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

interface Import {
  /** As written: `./x.ts`, `node:fs`, `@headgate/http`. */
  readonly from: string;
  /** `import type` and `export type`: they vanish before anything runs. */
  readonly typeOnly: boolean;
}

interface Source {
  /** Relative to the workspace, with forward slashes. */
  readonly path: string;
  /** Without comments. */
  readonly code: string;
  readonly lines: number;
  readonly imports: readonly Import[];
}

const STATEMENT = /^(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?["']([^"']+)["']/gm;
const DYNAMIC = /\bimport\(\s*["']([^"']+)["']/g;

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[\s;{}(,])\/\/.*$/gm, "$1");
}

function readSource(path: string): Source {
  const text = readFileSync(join(ROOT, path), "utf8");
  const code = withoutComments(text);
  const told = Array.from(code.matchAll(STATEMENT), ([, type, from = ""]) => ({ from, typeOnly: type !== undefined }));
  const dynamic = Array.from(code.matchAll(DYNAMIC), ([, from = ""]) => ({ from, typeOnly: false }));
  return { path, code, lines: text.split("\n").length - 1, imports: [...told, ...dynamic] };
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(join(ROOT, path)).sort();
  } catch {
    return [];
  }
}

/** Every source file of one package or app. */
function sourcesOf(unit: string): Source[] {
  const files = readdirSync(join(ROOT, unit, "src"), { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => readSource(`${unit}/src/${file.replaceAll("\\", "/")}`));
}

const unitsIn = (folder: string): string[] =>
  listFolder(folder)
    .map((name) => `${folder}/${name}`)
    .filter((unit) => listFolder(`${unit}/src`).length > 0);

const UNITS = [...unitsIn("packages"), ...unitsIn("apps")];
const SOURCES = new Map(UNITS.map((unit) => [unit, sourcesOf(unit)]));
const PACKAGES = UNITS.filter((unit) => unit.startsWith("packages/"));
const GATEWAY = SOURCES.get("apps/gateway") ?? [];

/** The workspace's file that a relative import names. */
function target(source: Source, { from }: Import): string | null {
  if (!from.startsWith(".")) return null;
  return relative(ROOT, resolve(ROOT, dirname(source.path), from)).replaceAll("\\", "/");
}

/** Where imports lead: `file -> import`, for those that `isWrong` finds. */
function wrongImports(
  sources: readonly Source[],
  isWrong: (from: string, source: Source, each: Import) => boolean,
): string[] {
  return sources.flatMap((source) =>
    source.imports
      .filter((each) => isWrong(target(source, each) ?? each.from, source, each))
      .map((each) => `${source.path} -> ${each.from}`),
  );
}

/** Files that import a module, by value or by type. */
function importersOf(module: string, sources: readonly Source[] = GATEWAY): string[] {
  return sources.filter(({ imports }) => imports.some(({ from }) => from === module)).map(({ path }) => path);
}

const inGateway = (path: string): string => `apps/gateway/src/${path}`;

test("the workspace was found", () => {
  expect(UNITS).toEqual(expect.arrayContaining(["packages/http", "packages/balancer", "apps/gateway"]));
  expect(GATEWAY.length).toBeGreaterThan(100);
  expect(GATEWAY.flatMap(({ imports }) => imports).length).toBeGreaterThan(300);
});

describe("packages and apps", () => {
  const ALLOWED: Readonly<Record<string, readonly string[]>> = {
    "packages/http": [],
    "packages/testing": [],
    "packages/cache": ["http"],
    "packages/balancer": ["http"],
    "packages/health": ["http"],
    "packages/admission": ["http"],
    "packages/simulation": ["balancer", "health"],
    "packages/redis": ["http", "cache", "admission"],
    "apps/gateway": ["http", "cache", "balancer", "health", "admission", "redis", "simulation"],
    "apps/sample-backend": [],
    "apps/load-test": [],
    "apps/dashboard": [],
  };

  test.each(UNITS)("%s has its place in the order of arrows", (unit) => {
    expect(Object.keys(ALLOWED)).toContain(unit);
  });

  test.each(UNITS)("%s imports only packages that stand before it", (unit) => {
    const allowed = (ALLOWED[unit] ?? []).map((name) => `@headgate/${name}`);
    const wrong = wrongImports(
      SOURCES.get(unit) ?? [],
      (from) => from.startsWith("@headgate/") && !allowed.includes(from),
    );
    expect(wrong).toEqual([]);
    const { dependencies = {} } = JSON.parse(readFileSync(join(ROOT, unit, "package.json"), "utf8"));
    expect(
      Object.keys(dependencies).filter((name) => name.startsWith("@headgate/") && !allowed.includes(name)),
    ).toEqual([]);
  });

  test.each(UNITS)("%s reaches others by their public surface alone", (unit) => {
    const outside = wrongImports(
      SOURCES.get(unit) ?? [],
      (from, _source, each) => each.from.startsWith(".") && !from.startsWith(`${unit}/src/`),
    );
    expect(outside).toEqual([]);
  });

  // What vanishes at run time makes no cycle there: two files may know each other's types.
  test.each(UNITS)("%s has no import cycle", (unit) => {
    expect(firstCycle(SOURCES.get(unit) ?? [])).toBeNull();
  });

  test.each(UNITS)("%s has no source file above 250 lines", (unit) => {
    const long = (SOURCES.get(unit) ?? []).filter(({ lines }) => lines > 250);
    expect(long.map(({ path, lines }) => `${path}: ${lines}`)).toEqual([]);
  });
});

/** A cycle of value imports, or null. */
function firstCycle(sources: readonly Source[]): string | null {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): string | null => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path].join(" -> ");
    const source = byPath.get(path);
    if (source === undefined || done.has(path)) return null;
    for (const each of source.imports) {
      const next = each.typeOnly ? null : target(source, each);
      const cycle = next === null ? null : visit(next, [...way, path]);
      if (cycle !== null) return cycle;
    }
    done.add(path);
    return null;
  };
  return sources.reduce<string | null>((found, { path }) => found ?? visit(path, []), null);
}

describe("packages are pure", () => {
  // Nothing of these touches the world: they compute.
  const COMPUTING = new Set(["node:crypto", "node:zlib", "node:assert/strict"]);
  const WORLD =
    /\b(?:Date\.now|new Date\(\)|performance\.|Math\.random|process\.|console\.|set(?:Timeout|Interval|Immediate)\(|fetch\()/;

  /** What tests of several packages share may start processes and wait; what is shipped may not. */
  const isForTests = (path: string): boolean => path.includes("/src/testing/") || path.startsWith("packages/testing/");
  const shipped = (unit: string): Source[] => (SOURCES.get(unit) ?? []).filter(({ path }) => !isForTests(path));

  test.each(PACKAGES)("%s uses no module of node's that touches the world", (unit) => {
    expect(wrongImports(shipped(unit), (from) => from.startsWith("node:") && !COMPUTING.has(from))).toEqual([]);
  });

  test.each(PACKAGES)("%s reads no clock, chance, process or console", (unit) => {
    const touching = shipped(unit).filter(({ code }) => WORLD.test(code));
    expect(touching.map(({ path, code }) => `${path}: ${WORLD.exec(code)?.[0]}`)).toEqual([]);
  });

  test.each(UNITS)("%s ships nothing that is for tests", (unit) => {
    expect(wrongImports(shipped(unit), (from) => isForTests(from) || from === "@headgate/testing")).toEqual([]);
  });
});

describe("the gateway", () => {
  test.each<[string, readonly string[]]>([
    ["http-proxy", ["upstream/forward.ts", "upstream/send-pass.ts"]],
    ["pino", ["observability/log.ts"]],
    ["prom-client", ["observability/prometheus.ts"]],
    ["chokidar", ["config/watch-files.ts"]],
    ["dns-packet", ["control/discovery/dns-codec.ts"]],
    ["node-forge", ["config/tls/self-signed.ts"]],
    ["fastest-levenshtein", ["config/nearest.ts"]],
    ["compressible", ["compression/plan-compression.ts"]],
    ["log-update", ["cli/table-screen.ts"]],
    ["cli-table3", ["cli/table-grid.ts"]],
  ])("%s is imported by %j alone", (module, files) => {
    expect(importersOf(module)).toEqual(files.map(inGateway));
  });

  test("of http-proxy, send-pass.ts knows the types only", () => {
    const values = GATEWAY.filter(({ imports }) =>
      imports.some((each) => each.from === "http-proxy" && !each.typeOnly),
    );
    expect(values.map(({ path }) => path)).toEqual([inGateway("upstream/forward.ts")]);
  });

  test("connections to backends are opened in one file", () => {
    const opening = GATEWAY.filter(({ path, imports }) =>
      imports.some(({ from, typeOnly }) => from === "node:tls" && !typeOnly && path.startsWith(inGateway("upstream/"))),
    );
    expect(opening.map(({ path }) => path)).toEqual([inGateway("upstream/client/connect.ts")]);
  });

  test.each<[string, readonly string[]]>([
    ["commander", ["cli/"]],
    ["yaml", ["config/"]],
    ["zod", ["config/", "admin/", "cli/"]],
    ["@headgate/redis", ["cli/", "config/", "control/"]],
  ])("%s is imported below %j alone", (module, folders) => {
    const outside = importersOf(module).filter((path) => !folders.some((folder) => path.startsWith(inGateway(folder))));
    expect(outside).toEqual([]);
  });

  const PIPELINE = GATEWAY.find(({ path }) => path === inGateway("pipeline.ts"));
  const LAYERS = (PIPELINE?.imports ?? []).map(({ from }) => from).filter((from) => from.startsWith("./layers/"));
  const layerFiles = new Set(LAYERS.map((from) => inGateway(from.slice(2))));

  test("the pipeline lists the layers", () => {
    expect(layerFiles.size).toBeGreaterThan(8);
  });

  test("layers never import each other", () => {
    const inLayers = GATEWAY.filter(({ path }) => path.startsWith(inGateway("layers/")));
    expect(wrongImports(inLayers, (from) => layerFiles.has(from))).toEqual([]);
  });

  test("a file beside the layers that is none is part of one layer", () => {
    const parts = GATEWAY.map(({ path }) => path).filter(
      (path) => path.startsWith(inGateway("layers/")) && !layerFiles.has(path),
    );
    for (const part of parts) {
      const users = GATEWAY.filter((source) => source.imports.some((each) => target(source, each) === part));
      const layers = users.filter(({ path }) => layerFiles.has(path));
      expect({ part, layers: layers.map(({ path }) => path) }).toEqual({ part, layers: [expect.any(String)] });
    }
  });

  test("only the pipeline imports layers; what it is built from may know their types", () => {
    const others = GATEWAY.filter(({ path }) => path !== PIPELINE?.path && !path.startsWith(inGateway("layers/")));
    expect(
      wrongImports(others, (from, _source, each) => from.startsWith(inGateway("layers/")) && !each.typeOnly),
    ).toEqual([]);
    const below = others.filter(({ path }) => /^apps\/gateway\/src\/(?:upstream|downstream|caching)\//.test(path));
    expect(wrongImports(below, (from) => from.startsWith(inGateway("layers/")))).toEqual([]);
  });

  test.each<[string, RegExp]>([
    ["upstream/", /\/(?:layers|caching|control|admin|cli|config)\//],
    ["caching/", /\/(?:layers|downstream|control|cli|config)\//],
    ["downstream/", /\/(?:layers|caching|upstream|control|admin|cli)\//],
    ["layers/", /\/(?:downstream|control|admin|cli|config)\//],
    ["compression/", /\/(?:layers|caching|upstream|downstream|control|admin|cli|config)\//],
    ["config/", /\/(?:layers|caching|upstream|downstream|control|admin|cli)\//],
  ])("by value nothing of %s imports what stands above it", (folder, above) => {
    const sources = GATEWAY.filter(({ path }) => path.startsWith(inGateway(folder)));
    expect(wrongImports(sources, (from, _source, each) => above.test(from) && !each.typeOnly)).toEqual([]);
  });

  test("one file answers clients, and one more puts HTTP/2 on its wire by node's means", () => {
    const WRITES = /\.(?:writeHead|setHeader|addTrailers|flushHeaders|writeInformation|writeEarlyHints)\(/;
    const writers = GATEWAY.filter(({ code, path }) => WRITES.test(code) && !path.startsWith(inGateway("admin/")));
    expect(writers.map(({ path }) => path)).toEqual([inGateway("downstream/http2/reply.ts")]);
    const senders = GATEWAY.filter(({ code }) => /[rR]eply\.(?:whole|begin)\(/.test(code));
    expect(senders.map(({ path }) => path)).toEqual([inGateway("downstream/write-response.ts")]);
  });

  test("clocks, chance and the process are read where the gateway is put together, and nowhere else", () => {
    const WORLD =
      /\b(?:Date\.now|new Date\(\)|performance\.now|Math\.random|randomUUID|process\.(?:env|argv|exit|cwd|on))\b/;
    const readers = GATEWAY.filter(({ code }) => WORLD.test(code)).map(({ path }) => path);
    expect(readers.filter((path) => path !== inGateway("main.ts") && !path.startsWith(inGateway("cli/")))).toEqual([]);
  });
});
