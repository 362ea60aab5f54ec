import { FakeScheduler } from "@headgate/testing";
import type { Ended, ForkEvents } from "../../src/cluster/fork.ts";
import type { ToPrimary, ToWorker } from "../../src/cluster/messages.ts";
import { WorkerSlot } from "../../src/cluster/worker-slot.ts";
import { UserError } from "../../src/errors.ts";
import { createLogger } from "../../src/observability/log.ts";

const begin = { setup: { worker: 1 } } as unknown as Omit<Extract<ToWorker, { type: "start" }>, "type" | "id">;

/** One process as the slot sees it. */
interface Process {
  readonly events: ForkEvents;
  readonly told: ToWorker[];
  killed: boolean;
}

/** A slot whose processes a test plays. */
class Stand {
  readonly scheduler = new FakeScheduler();
  readonly processes: Process[] = [];
  readonly heard: ToPrimary[] = [];
  readonly lines: string[] = [];
  readonly slot: WorkerSlot;

  constructor() {
    const { scheduler } = this;
    this.slot = new WorkerSlot(1, {
      fork: (events) => {
        const process: Process = { events, told: [], killed: false };
        this.processes.push(process);
        return {
          pid: 100 + this.processes.length,
          send: (message) => void process.told.push(message),
          kill: () => {
            process.killed = true;
          },
        };
      },
      time: {
        clock: { now: scheduler.now, tick: scheduler.now },
        schedule: scheduler.schedule,
        random: () => 0.5,
      },
      logger: createLogger({ destination: { write: (line) => this.lines.push(JSON.parse(line).msg) } }),
      begin: () => begin,
      heard: (_, message) => this.heard.push(message),
    });
  }

  get last(): Process {
    const process = this.processes.at(-1);
    if (process === undefined) throw new Error("no process was started");
    return process;
  }

  /** The newest process answers what it was asked last. */
  listens(): Promise<void> {
    const asked = this.last.told.findLast((message) => message.type === "start" || message.type === "listen");
    const id = asked !== undefined && "id" in asked ? asked.id : 0;
    this.last.events.message({ type: "listened", id, outcome: { kind: "bound", bound: [] } });
    return this.settle();
  }

  ends(how: Ended): Promise<void> {
    this.last.events.exit(how);
    return this.settle();
  }

  settle(): Promise<void> {
    return this.scheduler.advanceAsync(0);
  }

  async started(): Promise<void> {
    const start = this.slot.start();
    await this.listens();
    await start;
  }
}

const state = ({ slot }: Stand): unknown[] => [slot.status().state, slot.status().pid, slot.status().restarts];

test("a worker that was steady is replaced at once", async () => {
  const stand = new Stand();
  expect(stand.slot.status()).toMatchObject({ state: "waiting", pid: null, uptime: null });
  await stand.started();
  await stand.scheduler.advanceAsync(10_000);
  expect(stand.slot.status()).toMatchObject({ worker: 1, state: "running", pid: 101, uptime: 10_000, restarts: 0 });
  await stand.ends("SIGKILL");
  expect(state(stand)).toEqual(["starting", 102, 1]);
  await stand.listens();
  expect(state(stand)).toEqual(["running", 102, 1]);
  expect(stand.lines).toEqual([
    "a worker ended: another takes its place at once",
    "a worker took the place of one that ended",
  ]);
});

test("one that ends again and again is put off longer each time, until one is steady", async () => {
  const stand = new Stand();
  await stand.started();
  for (const delay of [0, 200, 400, 800]) {
    await stand.ends(1);
    if (delay > 0) {
      expect(state(stand)[0]).toBe("waiting");
      await stand.scheduler.advanceAsync(delay - 1);
      expect(state(stand)[0]).toBe("waiting");
      await stand.scheduler.advanceAsync(1);
    }
    expect(state(stand)[0]).toBe("starting");
  }
  await stand.listens();
  await stand.scheduler.advanceAsync(10_000);
  await stand.ends(1);
  expect(state(stand)).toEqual(["starting", 106, 5]);
});

test("at the start of the gateway three tries are all", async () => {
  const stand = new Stand();
  const start = stand.slot.start();
  const failed = expect(start).rejects.toThrow(
    new UserError(
      "Worker 1 did not come up in 3 tries: it ended with exit code 7. See the log above for why, or start with --workers 1.",
    ),
  );
  for (let tries = 0; tries < 3; tries++) await stand.ends(7);
  await failed;
  expect(stand.processes).toHaveLength(3);
  expect(stand.scheduler.pending).toBe(0);
});

test("a replacement that cannot listen is ended and tried again later", async () => {
  const stand = new Stand();
  await stand.started();
  await stand.ends(1);
  const failure = { message: "listen EADDRINUSE", code: "EADDRINUSE" };
  const [asked] = stand.last.told;
  const id = asked?.type === "start" ? asked.id : 0;
  stand.last.events.message({ type: "listened", id, outcome: { kind: "refused", failure } });
  await stand.settle();
  expect(stand.last.killed).toBe(true);
  expect(stand.lines.at(-1)).toBe("a worker cannot listen");
  await stand.ends("SIGKILL");
  await stand.scheduler.advanceAsync(200);
  expect(stand.processes).toHaveLength(3);
});

test("what a worker counted is kept over its end, how it stood is not", async () => {
  const stand = new Stand();
  await stand.started();
  const gauges = { inFlight: 3, connections: 4, cache: null, pools: [], memory: 5 };
  const counts = { live: { requests: 7 } };
  stand.last.events.message({ type: "report", report: { gauges, counts } } as unknown as ToPrimary);
  expect(stand.slot.status()).toMatchObject({ requests: 7, inFlight: 3, connections: 4, memory: 5 });
  await stand.ends(1);
  expect(stand.slot.status()).toMatchObject({ requests: 7, inFlight: 0, connections: 0, memory: 0 });
});

test("purges: the answer, or none where the worker ends, is gone or takes a second", async () => {
  const stand = new Stand();
  const purges = [{ target: { kind: "all" }, mode: "hard" }] as const;
  expect(await stand.slot.purges(purges)).toEqual([]);
  await stand.started();
  const answered = stand.slot.purges(purges);
  stand.last.events.message({ type: "purged", id: 1, counts: [4] });
  expect(await answered).toEqual([4]);
  const slow = stand.slot.purges(purges);
  await stand.scheduler.advanceAsync(1000);
  expect(await slow).toEqual([]);
  const lost = stand.slot.purges(purges);
  await stand.ends(1);
  expect(await lost).toEqual([]);
});

test("to stop: told, waited for with what it broke off, and ended where it does not end", async () => {
  const stand = new Stand();
  await stand.started();
  const stopped = stand.slot.stop(1000);
  expect(stand.last.told.at(-1)).toEqual({ type: "stop", grace: 1000 });
  expect(state(stand)[0]).toBe("stopping");
  await stand.scheduler.advanceAsync(2999);
  expect(stand.last.killed).toBe(false);
  await stand.scheduler.advanceAsync(1);
  expect(stand.last.killed).toBe(true);
  stand.last.events.message({ type: "stopped", brokenOff: 2 });
  await stand.ends(0);
  expect(await stopped).toBe(2);
  expect(stand.processes).toHaveLength(1);
});

test("to stop while the next try is put off: there is no next", async () => {
  const stand = new Stand();
  await stand.started();
  await stand.ends(1);
  await stand.ends(1);
  expect(await stand.slot.stop(1000)).toBe(0);
  await stand.scheduler.advanceAsync(60_000);
  expect(stand.processes).toHaveLength(2);
});
