import { Registration, type RegistrationPorts, type Reply } from "../src/registration.ts";

const OPTIONS = { register: "http://127.0.0.1:9901", pool: "a pool", lease: 9000 };
const URL = "http://127.0.0.1:8004";
const API = "http://127.0.0.1:9901/api/pools/a%20pool/backends";

/** A gateway that answers as a test says, and a timer that rings when it says. */
class Stage {
  readonly sent: string[] = [];
  readonly lines: string[] = [];
  answer: () => Promise<Reply> = async () => ({ status: 201, text: "{}" });
  wait: number | null = null;
  #ring: (() => void) | null = null;
  readonly registration: Registration;

  constructor() {
    const ports: RegistrationPorts = {
      send: (method, url, value) => {
        this.sent.push(`${method} ${url} ${JSON.stringify(value)}`);
        return this.answer();
      },
      schedule: (run, ms) => {
        this.wait = ms;
        this.#ring = run;
        return () => {
          this.wait = null;
          this.#ring = null;
        };
      },
      log: (line) => this.lines.push(line),
    };
    this.registration = new Registration(URL, OPTIONS, ports);
  }

  /** Lets time pass until the timer rings, and what follows be over. */
  async ring(): Promise<void> {
    this.#ring?.();
    await this.over();
  }

  over(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }
}

const unreachable = (code: string) => async () => {
  throw new TypeError("fetch failed", { cause: Object.assign(new Error(), { code }) });
};

test("registers at once, and renews at a third of the lease with one line in all", async () => {
  const stage = new Stage();
  await stage.over();
  expect(stage.wait).toBe(3000);
  await stage.ring();
  await stage.ring();
  expect(stage.sent).toEqual(new Array(3).fill(`POST ${API} {"url":"${URL}","lease":"9000ms"}`));
  expect(stage.lines).toEqual(["registered in pool a pool of http://127.0.0.1:9901, lease 9 s"]);
});

test("keeps trying while the gateway is away, and tells when it is and when it is back", async () => {
  const stage = new Stage();
  await stage.over();
  stage.answer = unreachable("ECONNREFUSED");
  await stage.ring();
  expect(stage.wait).toBe(2000);
  await stage.ring();
  stage.answer = async () => ({ status: 201, text: "{}" });
  await stage.ring();
  expect(stage.wait).toBe(3000);
  expect(stage.lines).toEqual([
    "registered in pool a pool of http://127.0.0.1:9901, lease 9 s",
    "not registered in pool a pool of http://127.0.0.1:9901: nothing listens there yet; trying again",
    "registered in pool a pool of http://127.0.0.1:9901, lease 9 s",
  ]);
});

test.each<[string, Stage["answer"], string]>([
  ["a refusal", async () => ({ status: 404, text: '{"detail":"There is no pool."}' }), "There is no pool."],
  ["a refusal by something else", async () => ({ status: 500, text: "<html>" }), "the gateway answered 500"],
  ["a name that is not known", unreachable("ENOTFOUND"), "ENOTFOUND"],
  [
    "silence",
    async () => Promise.reject(Object.assign(new Error("late"), { name: "TimeoutError" })),
    "no answer within 3000 ms",
  ],
])("tells of %s", async (_name, answer, reason) => {
  const stage = new Stage();
  stage.answer = answer;
  await stage.over();
  await stage.ring();
  expect(stage.lines.at(-1)).toBe(`not registered in pool a pool of http://127.0.0.1:9901: ${reason}; trying again`);
});

test("takes itself out when it stops, after a renewal that is on its way, and renews no more", async () => {
  const stage = new Stage();
  await stage.over();
  const { promise, resolve } = Promise.withResolvers<Reply>();
  stage.answer = () => promise;
  await stage.ring();
  const stopped = stage.registration.stop();
  await stage.over();
  expect(stage.sent).toHaveLength(2);
  stage.answer = async () => ({ status: 204, text: "" });
  resolve({ status: 200, text: "" });
  await stopped;
  expect(stage.sent.at(-1)).toBe(`DELETE ${API} {"url":"${URL}"}`);
  expect(stage.wait).toBeNull();
  expect(stage.lines.at(-1)).toBe("left pool a pool");
});

test("stops also where the gateway is gone", async () => {
  const stage = new Stage();
  await stage.over();
  stage.answer = unreachable("ECONNREFUSED");
  await stage.registration.stop();
  expect(stage.lines.at(-1)).toBe("could not leave pool a pool: nothing listens there yet");
});
