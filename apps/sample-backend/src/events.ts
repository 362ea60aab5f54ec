import type { Handler } from "./handler.ts";

type Parameter = { readonly value: number } | { readonly problem: string };

function parameter(name: string, text: unknown, fallback: number, min: number, max: number): Parameter {
  if (text === undefined) return { value: fallback };
  const value = Number(text);
  if (typeof text === "string" && /^\d+$/.test(text) && value >= min && value <= max) return { value };
  return { problem: `${name}: got ${JSON.stringify(text)}, expected a whole number from ${min} to ${max}` };
}

/** Server-sent events: a tick at once, then one each `?interval=MS` (default 1000), until `?count=N` or the client leaves. */
export const events: Handler = (request, response) => {
  const interval = parameter("interval", request.query.interval, 1000, 10, 60_000);
  const count = parameter("count", request.query.count, Number.POSITIVE_INFINITY, 1, 1_000_000);
  if ("problem" in interval || "problem" in count) {
    const problems = [interval, count].flatMap((one) => ("problem" in one ? [one.problem] : []));
    response.status(400).json({ port: request.socket.localPort, error: "invalid parameter", problems });
    return;
  }
  if (!response.hasHeader("Cache-Control")) response.set("Cache-Control", "no-store");
  response.set("Content-Type", "text/event-stream; charset=utf-8").flushHeaders();
  const port = request.socket.localPort;
  let id = 0;
  const tick = (): void => {
    id += 1;
    response.write(`id: ${id}\nevent: tick\ndata: ${JSON.stringify({ port, tick: id })}\n\n`);
    if (id >= count.value) response.end();
  };
  const timer = setInterval(tick, interval.value);
  response.once("close", () => clearInterval(timer));
  response.once("finish", () => clearInterval(timer));
  tick();
};
