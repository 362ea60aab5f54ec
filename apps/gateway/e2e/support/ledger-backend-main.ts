// Answers every request after a moment, and before that writes `ID PORT` to a file: what is in the file was run, even if
// this process is killed right after.
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const [port, ledger = ""] = process.argv.slice(2);
/** So that some are always under way, ms. */
const MOMENT = 40;

const server = createServer((request, response) => {
  if (request.url === "/health") return void response.end("ok");
  const { port } = server.address() as AddressInfo;
  let id = "";
  request.setEncoding("utf8").on("data", (chunk: string) => {
    id += chunk;
  });
  request.on("end", () => {
    appendFileSync(ledger, `${id} ${port}\n`);
    setTimeout(() => response.end(id), MOMENT);
  });
});
server.listen(Number(port), "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit(0));
