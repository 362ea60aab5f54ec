import { connect } from "node:net";

/** A line is never longer, bytes. */
const LONGEST = 1024;

/** Asks an agent for its line; null where it does not answer with one. Never rejects. */
export type AskAgent = (host: string, port: number, signal: AbortSignal) => Promise<string | null>;

/** Connects, and reads up to the end of the first line, or of the connection (HAProxy `agent-check`). */
export const askAgent: AskAgent = (host, port, signal) =>
  new Promise((resolve) => {
    let text = "";
    const socket = connect({ host, port, signal });
    const tell = (): void => {
      const [line = ""] = text.split(/[\r\n]/, 1);
      resolve(line === "" ? null : line);
      socket.destroy();
    };
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => {
      text += chunk;
      if (/[\r\n]/.test(text) || text.length > LONGEST) tell();
    });
    socket.on("error", () => resolve(null));
    socket.on("close", tell);
  });
