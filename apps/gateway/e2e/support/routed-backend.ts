import { type BackendConnection, type RawBackend, startReplyingBackend } from "./raw-backend.ts";

/** What a backend does with one request, whose head it has read. */
export type Answer = (head: string, connection: BackendConnection) => void | Promise<void>;

/** A request that the test itself answers, step by step. */
export interface Turn {
  readonly head: string;
  readonly connection: BackendConnection;
  /** The connection serves further requests as usual. */
  done(): void;
}

/** A scripted backend that several tests share, each with paths of its own. */
export interface RoutedBackend extends RawBackend {
  /** How requests for this path (without query) are answered from now on. */
  at(path: string, answer: Answer): void;
  /** The next request for this path, left to the test. */
  turn(path: string): Promise<Turn>;
  /** Heads of the requests for this path. */
  requestsTo(path: string): string[];
}

/** Requests for a path without an answer of its own get theirs back: head and content, byte by byte. */
export async function startRoutedBackend(): Promise<RoutedBackend> {
  const answers = new Map<string, Answer>();
  const backend = await startReplyingBackend((head, connection) =>
    (answers.get(pathOf(head)) ?? mirror)(head, connection),
  );
  const turn = (path: string): Promise<Turn> =>
    new Promise((resolve) => {
      answers.set(path, (head, connection) => new Promise((done) => resolve({ head, connection, done })));
    });
  return {
    ...backend,
    at: (path, answer) => answers.set(path, answer),
    turn,
    requestsTo: (path) => backend.requests.filter((head) => pathOf(head) === path),
  };
}

/** Answers with the request itself. */
export async function mirror(head: string, connection: BackendConnection): Promise<void> {
  const content = await connection.readContent(head);
  connection.reply(head + (content?.body ?? ""), "Cache-Control: no-store\r\n");
}

function pathOf(head: string): string {
  return head.split(" ", 2)[1]?.split("?", 1)[0] ?? "";
}
