// Answers every request after a moment, and before that writes `ID PORT METHOD` to a file: what is in the file was run, even if
// this process is killed right after. The id is the content, or else the query's `id`. Its behaviour can be changed while it runs.
import { appendFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Behaviour, WELL } from "./behaviour.ts";

/** What stands in place of the method where the other side has gone before the answer. */
const CANCELLED = "cancelled";

const [port, ledger = "", first = "{}"] = process.argv.slice(2);
let behaviour: Behaviour = { ...WELL, ...JSON.parse(first) };

/** Writes an answer of its own making, whose Content-Length is not the content's, and maybe ends there. */
function lie(response: ServerResponse, content: string, told: number, ends: boolean): void {
  const { socket } = response;
  socket?.write(`HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: ${told}\r\n\r\n${content}`);
  if (ends) socket?.end();
}

function answer(response: ServerResponse, id: string): void {
  const { status, fault, fields } = behaviour;
  if (fault === "reset") {
    response.writeHead(status, { "Content-Length": 100 }).flushHeaders();
    // Once the head has left: a reset would take it along.
    setTimeout(() => response.socket?.resetAndDestroy(), 5);
  } else if (fault === "too-long") lie(response, id, id.length + 10, true);
  else if (fault === "too-short") lie(response, `${id} and more than was told`, id.length, false);
  else response.writeHead(status, { "Cache-Control": "no-store", ...fields }).end(id);
}

const server = createServer((request, response) => {
  if (request.url === "/health") {
    response.statusCode = behaviour.health;
    return void response.end(behaviour.healthBody);
  }
  const { port } = server.address() as AddressInfo;
  let content = "";
  request.setEncoding("utf8").on("data", (chunk: string) => {
    content += chunk;
  });
  request.on("end", () => {
    const id = content === "" ? (new URL(request.url ?? "", "http://a").searchParams.get("id") ?? "") : content;
    appendFileSync(ledger, `${id} ${port} ${request.method}\n`);
    const work = setTimeout(answer, behaviour.moment, response, id);
    response.on("close", () => {
      if (response.headersSent || behaviour.fault !== "none") return;
      clearTimeout(work);
      appendFileSync(ledger, `${id} ${port} ${CANCELLED}\n`);
    });
  });
});
server.listen(Number(port), "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("message", (changes: Partial<Behaviour>) => {
  behaviour = { ...behaviour, ...changes };
  process.send?.("changed");
});
process.on("disconnect", () => process.exit(0));
