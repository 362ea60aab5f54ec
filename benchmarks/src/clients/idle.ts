// Opens so many connections, has one request answered on each, says "open", and keeps them until it is ended.
import { requestHead } from "../request-fields.ts";
import { Connection } from "./connection.ts";

interface Orders {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
}

const { port, path, connections }: Orders = JSON.parse(process.argv[2] ?? "{}");
const HEAD = requestHead(path);
const AT_A_TIME = 64;
const opened: Connection[] = [];
let begun = 0;

async function openSome(): Promise<void> {
  while (begun < connections) {
    begun += 1;
    const connection = await Connection.open(port);
    const status = await new Promise<number>((resolve) => connection.send(HEAD, resolve));
    if (status !== 200) throw new Error(`connection ${opened.length + 1} was answered by ${status || "its end"}`);
    opened.push(connection);
  }
}

await Promise.all(Array.from({ length: AT_A_TIME }, openSome));
setInterval(() => {
  const lost = opened.filter(({ isClosed }) => isClosed).length;
  process.stdout.write(`open ${opened.length - lost}\n`);
}, 500);
