import { FakeScheduler } from "@headgate/testing";
import { Link } from "../src/link.ts";
import type { ClientEvents, Command, Listener, ListenerEvents, RedisClient } from "../src/port.ts";

/** Lets every promise that is settled already run its reactions. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Answers commands: a value, an error to reject with, or "never". */
export type Answers = (command: Command) => unknown;

/** A client without sockets, answered by a function that tests change. */
export class FakeClient implements RedisClient {
  answers: Answers = () => "OK";
  readonly commands: Command[] = [];
  isClosed = false;
  readonly events: ClientEvents;
  #nodes = 1;

  constructor(events: ClientEvents) {
    this.events = events;
  }

  send(command: Command): Promise<unknown> {
    this.commands.push(command);
    const answer = this.answers(command);
    if (answer === "never") return new Promise(() => undefined);
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  }

  nodes(): RedisClient[] {
    return Array.from({ length: this.#nodes }, () => this);
  }

  split(nodes: number): void {
    this.#nodes = nodes;
  }

  close(): void {
    this.isClosed = true;
  }
}

export interface FakeLink {
  readonly link: Link;
  readonly client: FakeClient;
  readonly time: FakeScheduler;
  /** What was told of its state, in order. */
  readonly told: boolean[];
}

/** A link over a fake client, with a time-out of 50 ms; connected unless told otherwise. */
export function fakeLink(isConnected = true, time: FakeScheduler = new FakeScheduler(1000)): FakeLink {
  const clients: FakeClient[] = [];
  const told: boolean[] = [];
  const link = new Link({
    open: (events) => {
      const client = new FakeClient(events);
      clients.push(client);
      return client;
    },
    timeout: 50,
    now: time.now,
    schedule: time.schedule,
    random: () => 1,
    onChange: (isUp) => told.push(isUp),
  });
  const [client] = clients;
  if (client === undefined) throw new Error("the link opens its client at once");
  if (isConnected) client.events.connected();
  return { link, client, time, told };
}

/** Connections that listen, all of them opened so far. */
export class FakeListeners {
  readonly opened: { readonly attempt: number; readonly events: ListenerEvents; isClosed: boolean; pings: number }[] =
    [];
  /** What a ping comes to. */
  answer: () => Promise<unknown> = () => Promise.resolve("PONG");

  readonly open = (_: readonly string[], attempt: number, events: ListenerEvents): Listener => {
    const connection = { attempt, events, isClosed: false, pings: 0 };
    this.opened.push(connection);
    return {
      ping: () => {
        connection.pings++;
        return this.answer();
      },
      close: () => {
        connection.isClosed = true;
      },
    };
  };

  get last(): ListenerEvents {
    const connection = this.opened.at(-1);
    if (connection === undefined) throw new Error("nothing listens yet");
    return connection.events;
  }
}
