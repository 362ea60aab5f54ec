import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import type { BackendOptions } from "../src/options.ts";
import { type RunningBackend, startBackend } from "../src/server.ts";

const running: RunningBackend[] = [];

/** Starts a backend on a free port; `stopAll` ends it. */
export async function start(options: Partial<BackendOptions> = {}, lines: string[] = []): Promise<RunningBackend> {
  const backend = await startBackend(
    { port: 0, host: "127.0.0.1", tls: false, debug: false, ...options },
    (line) => void lines.push(line),
  );
  running.push(backend);
  return backend;
}

export async function stopAll(): Promise<void> {
  await Promise.all(running.splice(0).map((backend) => backend.stop()));
}

/** Sends a request whose answer may break off, and gives what came of it. */
export async function rawRequest(
  url: string,
  method = "GET",
  headers: Record<string, string> = {},
): Promise<{ head?: IncomingMessage; body: string; error?: string }> {
  const sent = request(url, { method, headers, agent: false }).end();
  try {
    const [head] = (await once(sent, "response")) as [IncomingMessage];
    let body = "";
    try {
      for await (const chunk of head) body += String(chunk);
      return { head, body };
    } catch (error) {
      return { head, body, error: (error as NodeJS.ErrnoException).code ?? "" };
    }
  } catch (error) {
    return { body: "", error: (error as NodeJS.ErrnoException).code ?? "" };
  }
}

/** Opens a connection and sends `text` as it stands. */
export function rawSend(port: number, text: string): Socket {
  const socket = connect(port, "127.0.0.1");
  socket.write(text);
  return socket;
}

/** Waits until there is a line: a server's side of a closed connection may end a moment after the client's. */
export async function firstLine(lines: readonly string[]): Promise<string> {
  for (;;) {
    const [line] = lines;
    if (line !== undefined) return line;
    await turn();
  }
}
