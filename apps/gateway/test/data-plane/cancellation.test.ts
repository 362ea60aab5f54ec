import { Cancellation, ChildCancellation } from "../../src/cancellation.ts";
import { CountedCancellation } from "./support/counted-cancellation.ts";

const gone = new Error("gone");

/** Registers a listener that writes its name down. */
function listen(cancellation: Cancellation, heard: string[], name: string): () => void {
  const listener = (): void => {
    heard.push(name);
  };
  cancellation.onCancel(listener);
  return listener;
}

test("listeners run once, in their order, and only the first reason counts", () => {
  const cancellation = new Cancellation();
  const heard: string[] = [];
  expect([cancellation.cancelled, cancellation.reason]).toEqual([false, null]);
  listen(cancellation, heard, "first");
  listen(cancellation, heard, "second");
  cancellation.cancel(gone);
  cancellation.cancel(new Error("later"));
  expect(heard).toEqual(["first", "second"]);
  expect([cancellation.cancelled, cancellation.reason]).toEqual([true, gone]);
});

test("a listener that comes late runs at once", () => {
  const cancellation = new Cancellation();
  const heard: string[] = [];
  cancellation.cancel(gone);
  listen(cancellation, heard, "late");
  expect(heard).toEqual(["late"]);
});

test("the reason is there when listeners run", () => {
  const cancellation = new Cancellation();
  const seen: (Error | null)[] = [];
  cancellation.onCancel(() => seen.push(cancellation.reason));
  cancellation.cancel(gone);
  expect(seen).toEqual([gone]);
});

test("a forgotten listener does not run, and forgetting an unknown one changes nothing", () => {
  const cancellation = new Cancellation();
  const heard: string[] = [];
  cancellation.off(() => undefined);
  listen(cancellation, heard, "kept");
  const dropped = listen(cancellation, heard, "dropped");
  listen(cancellation, heard, "kept too");
  cancellation.off(dropped);
  cancellation.off(() => undefined);
  cancellation.cancel(gone);
  cancellation.off(dropped);
  expect(heard).toEqual(["kept", "kept too"]);
});

test("a listener that registers another has it run as well, and one that cancels again changes nothing", () => {
  const cancellation = new Cancellation();
  const heard: string[] = [];
  cancellation.onCancel(() => {
    listen(cancellation, heard, "inner");
    cancellation.cancel(new Error("again"));
  });
  listen(cancellation, heard, "outer");
  cancellation.cancel(gone);
  expect(heard).toEqual(["inner", "outer"]);
  expect(cancellation.reason).toBe(gone);
});

describe("a child", () => {
  test("is ended by its parent, and by itself without touching that", () => {
    const parent = new CountedCancellation();
    const [one, other] = [new ChildCancellation(parent), new ChildCancellation(parent)];
    const heard: string[] = [];
    listen(one, heard, "one");
    listen(other, heard, "other");
    one.cancel(new Error("its own"));
    expect([heard, parent.cancelled, other.cancelled]).toEqual([["one"], false, false]);
    parent.cancel(gone);
    expect([heard, one.reason?.message, other.reason]).toEqual([["one", "other"], "its own", gone]);
  });

  test("knows that its parent was ended before anybody listened", () => {
    const parent = new Cancellation();
    const child = new ChildCancellation(parent);
    const heard: string[] = [];
    parent.cancel(gone);
    expect([child.cancelled, child.reason]).toEqual([true, gone]);
    listen(child, heard, "late");
    expect(heard).toEqual(["late"]);
  });

  test("leaves nothing with its parent once its work is over", () => {
    const parent = new CountedCancellation();
    const child = new ChildCancellation(parent);
    const listeners = ["a", "b"].map((name) => listen(child, [], name));
    expect(parent.held).toBe(1);
    for (const listener of listeners) child.off(listener);
    expect(parent.held).toBe(0);
    listen(child, [], "c");
    child.cancel(gone);
    expect(parent.held).toBe(0);
  });
});
