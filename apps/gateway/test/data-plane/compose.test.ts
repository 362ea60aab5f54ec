import { compose, type Origin } from "../../src/compose.ts";
import type { Exchange } from "../../src/exchange.ts";
import type { GatewayResponse } from "../../src/gateway-response.ts";
import type { Layer } from "../../src/layer.ts";

// The ring hands the exchange on and never looks into it.
const exchange = {} as Exchange;

function response(status: number): GatewayResponse {
  return { status, fields: [], body: null, source: "gateway", backend: null };
}

type Hook = "enter" | "leave" | "fail" | "finish";
type Acts = Partial<Record<Hook, "answer" | "throw" | "wait" | "wait and answer" | "wait and throw">>;

/** Layers `a`, `b`, `c` ... that write down each call of their hooks, and act as told; what is not told passes on. */
class Scene {
  readonly log: string[] = [];
  readonly layers: Layer[];
  origin: Origin = () => {
    this.log.push("origin");
    return Promise.resolve(response(200));
  };

  constructor(...layers: Acts[]) {
    this.layers = layers.map((acts, index) => this.#layer("abcde"[index] as string, acts));
  }

  #layer(name: string, acts: Acts): Layer {
    const act = (hook: Hook, past: GatewayResponse | undefined): GatewayResponse | undefined => {
      if (acts[hook]?.endsWith("throw")) throw new Error(`${name}.${hook}`);
      return acts[hook]?.endsWith("answer") ? response(hook === "enter" ? 201 : 202) : past;
    };
    const waits = (hook: Hook): boolean => acts[hook]?.startsWith("wait") === true;
    const soon = async <T>(work: () => T): Promise<T> => {
      await Promise.resolve();
      return work();
    };
    return {
      name,
      enter: () => {
        this.log.push(`${name}>`);
        return waits("enter") ? soon(() => act("enter", undefined)) : act("enter", undefined);
      },
      leave: (_exchange, past) => {
        this.log.push(`<${name} ${past.status}`);
        const work = (): GatewayResponse => act("leave", past) ?? past;
        return waits("leave") ? soon(work) : work();
      },
      fail: (_exchange, error) => {
        this.log.push(`!${name} ${error instanceof Error ? error.message : String(error)}`);
        return act("fail", undefined);
      },
      finish: () => {
        this.log.push(`${name}.`);
      },
    };
  }

  async run(): Promise<string> {
    try {
      const { status } = await compose(this.layers, this.origin).run(exchange);
      this.log.push(`=${status}`);
    } catch (error) {
      this.log.push(`=${error instanceof Error ? error.message : String(error)}`);
    }
    return this.log.join(" ");
  }
}

test.each<[string, Acts[], string]>([
  ["no layer", [], "origin =200"],
  ["all pass", [{}, {}, {}], "a> b> c> origin <c 200 <b 200 <a 200 =200"],
  ["the outermost answers", [{ enter: "answer" }, {}], "a> =201"],
  ["the innermost answers: its own way out is not gone", [{}, {}, { enter: "answer" }], "a> b> c> <b 201 <a 201 =201"],
  ["one changes the response", [{}, { leave: "answer" }, {}], "a> b> c> origin <c 200 <b 200 <a 202 =202"],
  ["all wait on the way in", [{ enter: "wait" }, { enter: "wait" }], "a> b> origin <b 200 <a 200 =200"],
  ["an answer after a wait", [{}, { enter: "wait and answer" }, {}], "a> b> <a 201 =201"],
  ["all wait on the way out", [{ leave: "wait" }, { leave: "wait" }], "a> b> origin <b 200 <a 200 =200"],
  ["a wait on the way out that changes", [{}, { leave: "wait and answer" }], "a> b> origin <b 200 <a 202 =202"],
])("%s", async (_name, layers, expected) => {
  expect(await new Scene(...layers).run()).toBe(expected);
});

const rescuer: Acts = { fail: "answer" };

test.each<[string, Acts[], string]>([
  ["on the way in", [{}, rescuer, { enter: "throw" }, {}], "a> b> c> !b c.enter <a 202 =202"],
  ["on the way in, after a wait", [{}, rescuer, { enter: "wait and throw" }], "a> b> c> !b c.enter <a 202 =202"],
  ["on the way out", [{}, rescuer, { leave: "throw" }], "a> b> c> origin <c 200 !b c.leave <a 202 =202"],
  ["on the way out, after a wait", [rescuer, { leave: "wait and throw" }], "a> b> origin <b 200 !a b.leave =202"],
  ["in a layer's own fail", [rescuer, { fail: "throw" }, { enter: "throw" }], "a> b> c> !b c.enter !a b.fail =202"],
  [
    "on the way out of a rescued response",
    [rescuer, { leave: "throw" }, rescuer, { enter: "throw" }],
    "a> b> c> d> !c d.enter <b 202 !a b.leave =202",
  ],
  [
    "in the layer that would rescue: the next one out does",
    [rescuer, { enter: "throw", fail: "answer" }],
    "a> b> !a b.enter =202",
  ],
  ["that nobody rescues", [{}, { enter: "throw" }], "a> b> !a b.enter =b.enter"],
  [
    "on the way out of an answer: no hook is called twice",
    [{ leave: "throw" }, {}, { enter: "answer" }],
    "a> b> c> <b 201 <a 201 =a.leave",
  ],
  ["that nobody rescues, after a wait", [{}, { leave: "wait and throw" }], "a> b> origin <b 200 !a b.leave =b.leave"],
])("an error %s", async (_name, layers, expected) => {
  expect(await new Scene(...layers).run()).toBe(expected);
});

test("an error of the origin passes every layer, the innermost first, until one ends it", async () => {
  const scene = new Scene({}, rescuer, {}, {});
  scene.origin = () => Promise.reject(new Error("origin"));
  expect(await scene.run()).toBe("a> b> c> d> !d origin !c origin !b origin <a 202 =202");
});

test("an origin that throws at once is as one that rejects", async () => {
  const scene = new Scene(rescuer);
  scene.origin = () => {
    throw new Error("origin");
  };
  expect(await scene.run()).toBe("a> !a origin =202");
});

test("what is not an Error is passed on as it is", async () => {
  const scene = new Scene({}, { fail: "answer" });
  scene.origin = () => Promise.reject("a word");
  expect(await scene.run()).toBe("a> b> !b a word <a 202 =202");
});

test("an answer is there at once where nothing has to wait", () => {
  const rescued = new Scene(rescuer, { enter: "throw" });
  const answered = new Scene({}, { enter: "answer" });
  for (const { layers, origin } of [rescued, answered]) {
    expect(compose(layers, origin).run(exchange)).not.toBeInstanceOf(Promise);
  }
});

test("layers without hooks are passed over", async () => {
  const scene = new Scene({});
  const ring = compose([{ name: "empty" }, ...scene.layers, { name: "empty too" }], scene.origin);
  await ring.run(exchange);
  expect(scene.log).toEqual(["a>", "origin", "<a 200"]);
  ring.finish(exchange);
});

test("all layers are told of the end, the innermost first", () => {
  const scene = new Scene({}, {}, {});
  const ring = compose([...scene.layers, { name: "without an end" }], scene.origin);
  ring.finish(exchange);
  expect(scene.log).toEqual(["c.", "b.", "a."]);
});
