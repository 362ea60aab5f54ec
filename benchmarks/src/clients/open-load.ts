// Requests at even distances, whether or not answers come; latency counts from when a request was due, so that a stall cannot hide
// those that had to wait (no coordinated omission). Timers have a grain of 1 ms: what is due within it is sent together.
// Without a rate: as many as possible, one after the other on each connection, which finds the peak that this client can see.
import { requestHead } from "../request-fields.ts";
import { Connection } from "./connection.ts";
import { toLoad } from "./report.ts";

interface Orders {
  readonly port: number;
  readonly path: string;
  readonly seconds: number;
  readonly connections: number;
  /** Requests a second; null: as many as possible. */
  readonly rate: number | null;
}

const { port, path, seconds, connections, rate }: Orders = JSON.parse(process.argv[2] ?? "{}");
const HEAD = requestHead(path);
/** How long answers are waited for after the last request was due, ms. */
const GRACE = 2000;
const total = rate === null ? Number.POSITIVE_INFINITY : Math.floor(rate * seconds);
const latencies: number[] = [];
const free = await Promise.all(Array.from({ length: connections }, () => Connection.open(port)));
const start = performance.now();
const end = start + seconds * 1000;
let due = 0;
let sent = 0;
let errors = 0;

/** When the request of this number is due. */
const dueAt = (index: number): number => (rate === null ? performance.now() : start + (index * 1000) / rate);

/** How many are due by now. */
function countDue(now: number): number {
  if (rate === null) return now < end ? total : sent;
  return Math.min(total, Math.floor(((now - start) * rate) / 1000));
}

function sendNext(connection: Connection): void {
  const was = dueAt(sent);
  sent += 1;
  connection.send(HEAD, (status) => {
    if (status === 200) latencies.push(performance.now() - was);
    else errors += 1;
    if (connection.isClosed) return;
    if (sent < due) sendNext(connection);
    else free.push(connection);
  });
}

function finish(now: number): void {
  const unanswered = sent - latencies.length - errors;
  const unsent = rate === null ? 0 : total - sent;
  const load = toLoad(latencies, Math.max(end, now) - start, errors + unanswered + unsent);
  process.stdout.write(JSON.stringify(load), () => process.exit());
}

function tick(): void {
  const now = performance.now();
  due = countDue(now);
  while (sent < due) {
    const connection = free.pop();
    if (connection === undefined) break;
    sendNext(connection);
  }
  const isAnswered = now >= end && sent >= due && latencies.length + errors >= sent;
  if (isAnswered || now > end + GRACE) finish(now);
  else setTimeout(tick, 1);
}

tick();
