import { Cancellation } from "../../src/cancellation.ts";
import { sleep, waitUpTo } from "../../src/wait.ts";
import { CountedCancellation } from "./support/counted-cancellation.ts";
import { virtualTimers } from "./support/virtual-timers.ts";

const virtual = virtualTimers();
const gone = new Error("gone");

/** What became of a promise so far. */
function watch(promise: Promise<void>): { state: string } {
  const watched = { state: "pending" };
  promise.then(
    () => {
      watched.state = "resolved";
    },
    (error: unknown) => {
      watched.state = `rejected: ${error instanceof Error ? error.message : String(error)}`;
    },
  );
  return watched;
}

test("sleep resolves after its time and not before", async () => {
  const slept = watch(sleep(100, new Cancellation()));
  await virtual.time.advanceAsync(99);
  expect(slept.state).toBe("pending");
  await virtual.time.advanceAsync(1);
  expect(slept.state).toBe("resolved");
});

test("a cancellation ends sleep at once with its reason and leaves no timer", async () => {
  const cancellation = new Cancellation();
  const slept = watch(sleep(100, cancellation));
  cancellation.cancel(gone);
  expect(virtual.time.pending).toBe(0);
  await virtual.time.advanceAsync(0);
  expect(slept.state).toBe("rejected: gone");
});

test("sleep under a cancellation that is already there rejects and sets no timer", async () => {
  const cancellation = new Cancellation();
  cancellation.cancel(gone);
  const slept = watch(sleep(100, cancellation));
  expect(virtual.time.pending).toBe(0);
  await virtual.time.advanceAsync(0);
  expect(slept.state).toBe("rejected: gone");
});

test.each<[string, (cancellation: Cancellation) => Promise<void>]>([
  ["sleep", (cancellation) => sleep(10, cancellation)],
  ["waitUpTo by its bound", (cancellation) => waitUpTo(new Promise(() => undefined), 10, cancellation)],
  ["waitUpTo by its work", (cancellation) => waitUpTo(Promise.resolve(), 10, cancellation)],
])("%s leaves no listener with a cancellation that outlives it", async (_name, wait) => {
  const cancellation = new CountedCancellation();
  const done = watch(wait(cancellation));
  await virtual.time.advanceAsync(10);
  expect(done.state).toBe("resolved");
  expect(cancellation.held).toBe(0);
});

test("waitUpTo resolves with its work, and leaves no timer", async () => {
  const work = Promise.withResolvers<void>();
  const waited = watch(waitUpTo(work.promise, 1000, new Cancellation()));
  await virtual.time.advanceAsync(999);
  expect(waited.state).toBe("pending");
  work.resolve();
  await virtual.time.advanceAsync(0);
  expect(waited.state).toBe("resolved");
  expect(virtual.time.pending).toBe(0);
});

test("waitUpTo resolves when its time is up, and does not mind what the work comes to then", async () => {
  const work = Promise.withResolvers<void>();
  const waited = watch(waitUpTo(work.promise, 1000, new Cancellation()));
  await virtual.time.advanceAsync(1000);
  expect(waited.state).toBe("resolved");
  work.reject(new Error("too late to matter"));
  await virtual.time.advanceAsync(0);
});

test("waitUpTo rejects with its work's error and with the cancellation's reason", async () => {
  const failing = watch(waitUpTo(Promise.reject(new Error("broken")), 1000, new Cancellation()));
  const cancellation = new Cancellation();
  const cancelled = watch(waitUpTo(new Promise(() => undefined), 1000, cancellation));
  cancellation.cancel(gone);
  await virtual.time.advanceAsync(0);
  expect([failing.state, cancelled.state]).toEqual(["rejected: broken", "rejected: gone"]);
});

test("waitUpTo under a cancellation that is already there rejects", async () => {
  const cancellation = new Cancellation();
  cancellation.cancel(gone);
  const waited = watch(waitUpTo(new Promise(() => undefined), 1000, cancellation));
  await virtual.time.advanceAsync(0);
  expect(waited.state).toBe("rejected: gone");
});
