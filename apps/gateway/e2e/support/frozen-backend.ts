import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Most connections that the kernel completes for a server that takes none: its backlog and one more. */
const BACKLOG = 1;

const SERVER = `
require("node:net")
  .createServer()
  .listen({ port: 0, host: "127.0.0.1", backlog: ${BACKLOG} }, function () { process.send(this.address().port); });
`;

/** A port on which connections are neither taken nor refused: whoever connects waits. */
export interface FrozenBackend {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts a server, stops its process, and fills the queue of connections that it does not take. */
export async function startFrozenBackend(): Promise<FrozenBackend> {
  const child = spawn(process.execPath, ["-e", SERVER], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const [port] = (await once(child, "message")) as [number];
  child.kill("SIGSTOP");
  const queued: Socket[] = [];
  for (let i = 0; i <= BACKLOG; i++) {
    const socket = connect(port, "127.0.0.1").on("error", () => undefined);
    await once(socket, "connect");
    queued.push(socket);
  }
  return {
    port,
    close: async () => {
      for (const socket of queued) socket.destroy();
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
