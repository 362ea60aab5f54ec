import { RedisFailure } from "../src/failure.ts";
import { READ, WRITE } from "../src/scripts.ts";
import { fakeLink, settle } from "./fakes.ts";

const KIND = (kind: string): object => expect.objectContaining({ kind }) as object;

describe("a link", () => {
  test("tells that it cannot connect, once", () => {
    const { client, told } = fakeLink(false);
    client.events.disconnected("ECONNREFUSED");
    client.events.disconnected("ECONNREFUSED");
    expect(told).toEqual([false]);
  });

  test("asks nothing before it is connected, and fails at once", async () => {
    const { link, client, told } = fakeLink(false);
    await expect(link.send(["GET", "a"])).rejects.toEqual(KIND("down"));
    expect(client.commands).toEqual([]);
    expect(link.state).toEqual({ kind: "down", why: "not connected yet" });
    client.events.connected();
    expect(await link.send(["GET", "a"])).toBe("OK");
    expect({ told, state: link.state, steady: link.isSteady }).toEqual({
      told: [true],
      state: { kind: "up" },
      steady: true,
    });
  });

  test("waits for no reply longer than the time-out, and leaves no timer behind", async () => {
    const { link, client, time } = fakeLink();
    client.answers = () => "never";
    const reply = link.send(["GET", "a"]);
    const failed = expect(reply).rejects.toEqual(KIND("timeout"));
    time.advance(49);
    await settle();
    expect(link.failures.timeout).toBe(0);
    await time.advanceAsync(1);
    await failed;
    expect({ timeouts: link.failures.timeout, timers: time.pending, up: link.isUp, steady: link.isSteady }).toEqual({
      timeouts: 1,
      timers: 0,
      up: true,
      steady: false,
    });
    client.answers = () => "OK";
    await link.send(["GET", "a"]);
    expect({ steady: link.isSteady, timers: time.pending }).toEqual({ steady: true, timers: 0 });
  });

  test("takes a reply that came while this process was busy", async () => {
    const { link, client, time } = fakeLink();
    let answer: (reply: string) => void = () => undefined;
    client.send = () => new Promise((resolve) => (answer = resolve));
    const reply = link.send(["GET", "a"]);
    time.schedule(() => answer("late"), 50);
    await time.advanceAsync(50);
    expect(await reply).toBe("late");
  });
});

describe("when Redis answers no more, a link", () => {
  async function fail(times: number, { link }: ReturnType<typeof fakeLink>): Promise<void> {
    for (let count = 0; count < times; count++) await link.send(["GET", "a"]).catch(() => undefined);
  }

  test("opens after five failures in a row, and then fails at once", async () => {
    const fake = fakeLink();
    fake.client.answers = () => new Error("ERR out of order");
    await fail(4, fake);
    expect(fake.link.isUp).toBe(true);
    await fail(1, fake);
    expect(fake.link.state).toEqual({ kind: "down", why: "ERR out of order" });
    await fail(3, fake);
    expect(fake.client.commands).toHaveLength(5);
    expect(fake.link.failures).toMatchObject({ error: 5, down: 3 });
    expect(fake.told).toEqual([true, false]);
  });

  test("probes on its own, ever more seldom, and takes up again when it is answered", async () => {
    const fake = fakeLink();
    const { link, client, time } = fake;
    client.answers = () => new Error("LOADING");
    await fail(5, fake);
    const probes: number[] = [];
    client.answers = ([name]) => {
      if (name === "PING") probes.push(time.now() - 1000);
      return new Error("LOADING");
    };
    await time.advanceAsync(8000);
    expect(probes).toEqual([100, 300, 700, 1500, 3100, 5100, 7100]);
    client.answers = () => "PONG";
    await time.advanceAsync(2000);
    expect({ up: link.isUp, timers: time.pending, told: fake.told }).toEqual({
      up: true,
      timers: 0,
      told: [true, false, true],
    });
  });

  test("is content with one node of a cluster that answers", async () => {
    const fake = fakeLink();
    fake.client.split(3);
    fake.client.answers = () => new Error("ERR");
    await fail(5, fake);
    let pings = 0;
    fake.client.answers = () => (pings++ === 1 ? "PONG" : new Error("ERR"));
    await fake.time.advanceAsync(100);
    expect(fake.link.isUp).toBe(true);
  });

  test("does not probe without a connection, and is up with the next", async () => {
    const fake = fakeLink();
    const { link, client, time } = fake;
    client.events.disconnected("ECONNRESET");
    client.events.disconnected("ECONNREFUSED");
    expect({ state: link.state, timers: time.pending, told: fake.told }).toEqual({
      state: { kind: "down", why: "ECONNREFUSED" },
      timers: 0,
      told: [true, false],
    });
    client.events.connected();
    expect(link.isUp).toBe(true);
  });

  test("stops probing when the connection goes too, or when it is closed", async () => {
    const fake = fakeLink();
    fake.client.answers = () => new Error("ERR");
    await fail(5, fake);
    expect(fake.time.pending).toBe(1);
    fake.client.events.disconnected("gone");
    expect(fake.time.pending).toBe(0);
    fake.client.events.connected();
    await fail(5, fake);
    fake.link.close();
    expect({ timers: fake.time.pending, closed: fake.client.isClosed, state: fake.link.state }).toEqual({
      timers: 0,
      closed: true,
      state: { kind: "down", why: "closed" },
    });
    fake.client.events.connected();
    expect(fake.link.isUp).toBe(false);
  });

  test("does not hold a value of another type against it", async () => {
    const fake = fakeLink();
    fake.client.answers = () => new Error("WRONGTYPE Operation against a key holding the wrong kind of value");
    await fail(9, fake);
    expect(fake.link.isUp).toBe(true);
  });
});

describe("when Redis takes no writes, a link", () => {
  test.each(["OOM command not allowed", "READONLY You can't write"])("still reads (%s)", async (message) => {
    const { link, client, time } = fakeLink();
    client.answers = (command) => (command.includes(WRITE.digest) ? new Error(message) : []);
    for (let count = 0; count < 9; count++) await expect(link.write(WRITE, [], [])).rejects.toEqual(KIND("refused"));
    expect(client.commands).toHaveLength(1);
    expect(await link.run(READ, [], [])).toEqual([]);
    expect({ up: link.isUp, refuses: link.refusesWrites }).toEqual({ up: true, refuses: true });
    client.answers = () => 1;
    await expect(link.write(WRITE, [], [])).rejects.toBeInstanceOf(RedisFailure);
    time.advance(1000);
    expect(await link.write(WRITE, [], [])).toBe(1);
    expect(link.refusesWrites).toBe(false);
  });
});

describe("scripts and scans", () => {
  test("a script that Redis does not know yet is sent whole", async () => {
    const { link, client } = fakeLink();
    client.answers = ([name]) => (name === "EVALSHA" ? new Error("NOSCRIPT No matching script") : 7);
    expect(await link.run(READ, ["k"], ["v"])).toBe(7);
    expect(client.commands).toEqual([
      ["EVALSHA", READ.digest, "1", "k", "v"],
      ["EVAL", READ.text, "1", "k", "v"],
    ]);
    expect({ errors: link.failures.error, steady: link.isSteady }).toEqual({ errors: 0, steady: true });
  });

  test("all pages of all nodes are read", async () => {
    const { link, client } = fakeLink();
    client.split(2);
    const pages = [
      ["5", ["a", "b"]],
      ["0", ["c"]],
      ["0", []],
    ];
    client.answers = () => pages.shift();
    const names: string[] = [];
    for await (const page of link.names("x*")) names.push(...page);
    expect(names).toEqual(["a", "b", "c"]);
    expect(client.commands.map(([, cursor]) => cursor)).toEqual(["0", "5", "0"]);
  });

  test("of a sorted set the members are read, without their scores", async () => {
    const { link, client } = fakeLink();
    client.answers = () => ["0", ["a", "1", "b", "2"]];
    const members: string[] = [];
    for await (const page of link.members("set")) members.push(...page);
    expect(members).toEqual(["a", "b"]);
  });

  test("a scan that does not end is given up", async () => {
    const { link, client, time } = fakeLink();
    client.answers = () => {
      time.advance(40);
      return ["1", ["a"]];
    };
    const scan = async (): Promise<void> => {
      for await (const page of link.names("x*")) expect(page).toEqual(["a"]);
    };
    await expect(scan()).rejects.toEqual(KIND("timeout"));
    expect(client.commands).toHaveLength(751);
  });
});
