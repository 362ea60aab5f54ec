import { type FieldList, getField } from "@headgate/http";
import * as fc from "fast-check";
import { CacheStage, type Client, settle, type Upstream } from "./support/cache-stage.ts";

// Clients come and go, a backend answers when it likes, a page changes under unsafe requests and purges, all in any order.
// Each response body tells who asked for it and which version of the page it shows.

const CONTROLS = [
  "max-age=60",
  "max-age=60",
  "public, max-age=60",
  "s-maxage=60",
  "private",
  "no-cache",
  "max-age=1, stale-while-revalidate=60",
  "max-age=1",
] as const;

type Path = "/a" | "/b";
type Action =
  | { kind: "get"; path: Path; identity: string | null; shape: "plain" | "head" | "range" | "reload" }
  /** `change`: a POST that is answered at once. `read`: the backend reads all that it has been asked. */
  | { kind: "post" | "change" | "purge"; path: Path }
  | { kind: "read"; control: string }
  /** The backend reads its request, answers with a head, sends a body that it has kept back, breaks off. */
  | { kind: "process" | "reply" | "end" | "fail"; nth: number; control: string; tagged: boolean; whole: boolean }
  | { kind: "leave"; nth: number }
  | { kind: "wait"; ms: number };

const path = fc.constantFrom<Path>("/a", "/a", "/a", "/b");
const nth = fc.constantFrom(0, 0, 0, 1, 2);
const upstreamAction = (kind: "process" | "reply" | "end" | "fail") =>
  fc.record({
    kind: fc.constant(kind),
    nth,
    control: fc.constantFrom(...CONTROLS),
    tagged: fc.boolean(),
    whole: fc.constantFrom(true, true, false),
  });
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("get"),
      path,
      identity: fc.constantFrom("alice", "alice", "alice", "bob", null),
      shape: fc.constantFrom("plain", "plain", "plain", "head", "range", "reload"),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom("post", "change", "change"), path }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("read"), control: fc.constantFrom(...CONTROLS) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("purge"), path }) },
  { weight: 3, arbitrary: upstreamAction("process") },
  { weight: 6, arbitrary: upstreamAction("reply") },
  { weight: 5, arbitrary: upstreamAction("end") },
  { weight: 1, arbitrary: upstreamAction("fail") },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("leave"), nth }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("wait"), ms: fc.constantFrom(100, 2000) }) },
) as fc.Arbitrary<Action>;

/** What stands in every body. */
interface Shown {
  readonly path: string;
  readonly version: number;
  readonly identity: string;
  readonly control: string;
}

const LENGTH = 80;
const encode = (shown: Shown): string => JSON.stringify(shown).padEnd(LENGTH, " ");

interface Asker {
  readonly client: Client;
  readonly path: Path;
  readonly identity: string | null;
  /** The oldest version that it may be given: changes that were told as done before it came. */
  readonly oldest: number;
  left: boolean;
}

class Scene {
  readonly stage = new CacheStage({ room: 3 * LENGTH });
  readonly askers: Asker[] = [];
  readonly #version: Record<string, number> = { "/a": 0, "/b": 0 };
  /** The newest version that somebody was told is there. */
  readonly #told: Record<string, number> = { "/a": 0, "/b": 0 };
  readonly #shown = new Map<Upstream, Shown>();
  readonly #rules = new Map<string, string>();

  async run(action: Action): Promise<void> {
    if (action.kind === "get") this.#get(action);
    else if (action.kind === "post") this.#post(action.path);
    else if (action.kind === "change") await this.#changeAtOnce(action.path);
    else if (action.kind === "read")
      for (const upstream of this.stage.upstream) this.#process(upstream, action.control);
    else if (action.kind === "purge") await this.#purge(action.path);
    else if (action.kind === "wait") this.stage.clock.advance(action.ms);
    else if (action.kind === "leave") this.#leave(action.nth);
    else if ("nth" in action) this.#upstream(action);
    await settle();
  }

  /** Everything ends, well or badly. */
  async finish(): Promise<void> {
    for (let round = 0; round < 100 && this.stage.upstream.some((upstream) => !isOver(upstream)); round++) {
      for (const upstream of this.stage.upstream) {
        if (!this.#shown.has(upstream)) this.#process(upstream, "max-age=60");
        if (!upstream.answered) this.#reply(upstream, true, false);
        else this.#end(upstream);
      }
      await settle();
    }
    await Promise.all(this.askers.filter(({ left }) => !left).map(({ client }) => client.done));
  }

  #get({ path, identity, shape }: Extract<Action, { kind: "get" }>): void {
    const fields: FieldList = [];
    if (shape === "range") fields.push("Range", "bytes=0-");
    if (shape === "reload") fields.push("Cache-Control", "no-cache");
    const method = shape === "head" ? "HEAD" : "GET";
    const oldest = this.#told[path] ?? 0;
    const client = this.stage.send(path, { method, fields: ["X-Who", identity ?? "nobody", ...fields], identity });
    this.askers.push({ client, path, identity, oldest, left: false });
  }

  #post(path: Path): void {
    const post = this.stage.send(path, { method: "POST" });
    void post.done.then(() => this.#done(path, post.text));
  }

  async #changeAtOnce(path: Path): Promise<void> {
    this.#post(path);
    await settle();
    const { last } = this.stage;
    this.#process(last, "no-store");
    this.#reply(last, true, false);
  }

  /** An unsafe request has succeeded: from now on everybody gets at least its version. */
  #done(path: Path, text: string | null): void {
    if (text === null || text === "") return;
    const { version } = JSON.parse(text) as Shown;
    this.#told[path] = Math.max(this.#told[path] ?? 0, version);
  }

  async #purge(path: Path): Promise<void> {
    const version = this.#change(path);
    await this.stage.send(path, { method: "PURGE" }).done;
    this.#told[path] = version;
  }

  #change(path: string): number {
    const version = (this.#version[path] ?? 0) + 1;
    this.#version[path] = version;
    return version;
  }

  #leave(nth: number): void {
    const asker = this.askers.filter(({ client, left }) => !left && client.text === null)[nth];
    if (asker === undefined) return;
    asker.left = true;
    asker.client.leave();
  }

  #upstream({ kind, nth, control, whole, tagged }: Extract<Action, { nth: number; control: string }>): void {
    const open = this.stage.upstream.filter((upstream) => !isOver(upstream));
    const upstream = open[nth];
    if (upstream === undefined) return;
    if (kind === "process") this.#process(upstream, control);
    else if (kind === "reply") this.#reply(upstream, whole, tagged);
    else if (kind === "end") this.#end(upstream);
    else if (upstream.body === null) upstream.fail(new Error("broken off"));
    else if (upstream.body.sink !== null && upstream.body.cancelled === null) {
      upstream.body.fail(new Error("broken off"));
      over.add(upstream);
    }
  }

  /** The page is read, or changed, at this moment. */
  #process(upstream: Upstream, control: string): void {
    const { request } = upstream;
    if (this.#shown.has(upstream)) return;
    const version = request.method === "POST" ? this.#change(request.path) : (this.#version[request.path] ?? 0);
    const identity = upstream.field("x-who") ?? "nobody";
    // What one who asked was once told of a version holds: a 304 that says otherwise would change the rules for it.
    const name = `${request.path} ${version} ${identity}`;
    const rules = this.#rules.get(name) ?? control;
    this.#rules.set(name, rules);
    this.#shown.set(upstream, { path: request.path, version, identity, control: rules });
  }

  #reply(upstream: Upstream, whole: boolean, tagged: boolean): void {
    const shown = this.#shown.get(upstream);
    if (shown === undefined || upstream.answered) return;
    const { control, version, identity } = shown;
    const etag = `"${identity}-${version}"`;
    const fields = ["Cache-Control", control, "ETag", etag, ...(tagged ? ["Cache-Tag", "page"] : [])];
    if (upstream.field("if-none-match") === etag) upstream.reply(304, fields);
    else if (upstream.request.method === "HEAD") upstream.reply(200, fields, "");
    else upstream.reply(200, fields, whole ? encode(shown) : undefined);
  }

  #end(upstream: Upstream): void {
    const shown = this.#shown.get(upstream);
    const { body } = upstream;
    if (shown === undefined || body === null || body.sink === null || isOver(upstream)) return;
    over.add(upstream);
    const text = encode(shown);
    body.push(text.slice(0, 30));
    body.push(text.slice(30));
    body.end();
  }
}

const over = new WeakSet<Upstream>();

function isOver(upstream: Upstream): boolean {
  if (!upstream.answered) return false;
  return upstream.body === null || upstream.body.cancelled !== null || over.has(upstream);
}

function shownTo({ client }: Asker): Shown | null {
  const { text, status } = client;
  return text === null || text === "" || status >= 400 ? null : (JSON.parse(text) as Shown);
}

async function play(actions: readonly Action[]): Promise<Scene> {
  const scene = new Scene();
  for (const action of actions) await scene.run(action);
  await scene.finish();
  return scene;
}

function always(rule: (scene: Scene) => void): Promise<void> {
  return fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 60, size: "max" }), async (actions) =>
      rule(await play(actions)),
    ),
    { numRuns: 300 },
  );
}

test("after a change is told as done, nobody who comes later gets the page as it was before", () =>
  always(({ askers }) => {
    for (const asker of askers) {
      const shown = shownTo(asker);
      if (shown !== null) expect([shown.path, shown.version >= asker.oldest]).toEqual([asker.path, true]);
    }
  }));

test("what was made for one identity is given to no other, unless it is for all", () =>
  always(({ askers }) => {
    for (const asker of askers) {
      const shown = shownTo(asker);
      if (shown === null || /public|s-maxage/.test(shown.control)) continue;
      expect(shown.identity).toBe(asker.identity ?? "nobody");
    }
  }));

test("every body is whole or broken off, and nothing is left under way at the end", () =>
  always(({ askers, stage }) => {
    for (const { client, left } of askers) {
      const length = getField(client.response?.fields ?? [], "content-length");
      if (!left && client.text !== null && client.text !== "" && length !== undefined)
        expect(client.text.length).toBe(Number(length));
    }
    expect({ pending: stage.store.pending, room: stage.budget.used, failures: stage.failures }).toEqual({
      pending: 0,
      room: 0,
      failures: [],
    });
  }));
