/** What a command is made of: its name, then its arguments. */
export type Command = readonly [name: string, ...args: (string | Buffer)[]];

/** Something that takes commands: a connection, or a cluster, which finds the node by the command's keys. */
export interface Sender {
  /**
   * Resolves with the reply: bulk strings as `Buffer`, integers, null, lists of these. Rejects with Redis' error reply, whose
   * message begins with its code (`OOM ...`), or where there is no connection; commands are never kept for a later one.
   */
  send(command: Command): Promise<unknown>;
}

/** A client that keeps itself connected. */
export interface RedisClient extends Sender {
  /** The nodes that between them hold all keys. */
  nodes(): readonly Sender[];
  /** Ends all connections and stops reconnecting. */
  close(): void;
}

/** What a client tells of its connection. */
export interface ClientEvents {
  readonly connected: () => void;
  /** @param why for logs, without secrets */
  readonly disconnected: (why: string) => void;
}

export type OpenClient = (events: ClientEvents) => RedisClient;

/** A connection that listens to channels; when it is lost, another has to be opened. */
export interface Listener {
  /** Rejects where the connection does not answer. */
  ping(): Promise<unknown>;
  /** Ends the connection; nothing is told any more. */
  close(): void;
}

export interface ListenerEvents {
  /** From now on nothing that is published is missed. */
  readonly subscribed: () => void;
  readonly message: (channel: string, text: string) => void;
  /** Told once, also where there never was a connection. */
  readonly lost: (why: string) => void;
}

/** @param attempt counts from 0, so that another node can be tried each time */
export type OpenListener = (channels: readonly string[], attempt: number, events: ListenerEvents) => Listener;

/** Runs something once after so many ms; what it returns calls that off. */
export type Schedule = (run: () => void, ms: number) => () => void;
