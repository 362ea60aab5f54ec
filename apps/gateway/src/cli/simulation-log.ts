import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Arrival } from "@headgate/simulation";
import { z } from "zod";
import { whyUnreadable } from "../config/unreadable.ts";
import { UserError } from "../errors.ts";

/** What is read of a line of the access log; it tells when the exchange ended. */
const LINE = z.looseObject({
  msg: z.literal("exchange"),
  time: z.iso.datetime(),
  totalMs: z.number().min(0),
  method: z.string(),
  attempts: z.int().min(0),
  client: z.string().optional(),
  pool: z.string().optional(),
  headMs: z.number().min(0).optional(),
});

export interface LogOptions {
  readonly cwd: string;
  /** Only exchanges of this pool. Default of all pools. */
  readonly pool?: string | undefined;
  /** Whether the work of an exchange is what it took; else it is drawn. */
  readonly durations: boolean;
}

export interface RecordedLoad {
  /** In the order of their time, from 0. */
  readonly arrivals: readonly Arrival[];
  /** Lines that are no access lines, or of exchanges that reached no backend. */
  readonly skipped: number;
}

/**
 * The load that an access log in JSON lines tells of: exchanges that reached a backend, at the moments at which they came.
 * Throws `UserError` where the file cannot be read or tells of none.
 */
export async function readLoad(file: string, { cwd, pool, durations }: LogOptions): Promise<RecordedLoad> {
  const arrivals: Arrival[] = [];
  let lines = 0;
  try {
    for await (const line of createInterface({ input: createReadStream(resolve(cwd, file)) })) {
      lines++;
      const arrival = arrivalOf(line, pool, durations);
      if (arrival !== undefined) arrivals.push(arrival);
    }
  } catch (error) {
    throw new UserError(`The access log ${file} cannot be read: ${whyUnreadable(error)}.`);
  }
  const start = arrivals.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
  if (start === Number.POSITIVE_INFINITY) throw nothingIn(file, lines, pool);
  return {
    arrivals: arrivals.map((arrival) => ({ ...arrival, at: arrival.at - start })).sort((a, b) => a.at - b.at),
    skipped: lines - arrivals.length,
  };
}

function arrivalOf(text: string, pool: string | undefined, durations: boolean): Arrival | undefined {
  const { success, data } = LINE.safeParse(parse(text));
  if (!success || data.attempts === 0 || (pool !== undefined && data.pool !== pool)) return undefined;
  const { time, totalMs, method, client, headMs, attempts } = data;
  // What several attempts took is not the work of one.
  const work = durations && attempts === 1 ? headMs : undefined;
  return { at: Date.parse(time) - totalMs, method, key: client, work };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function nothingIn(file: string, lines: number, pool: string | undefined): UserError {
  const whose = pool === undefined ? "an exchange that reached a backend" : `an exchange of the pool ${pool}`;
  return new UserError(
    `${file}: found no line (of ${lines}) that tells of ${whose}, expected the gateway's access log: JSON lines with msg "exchange", time, totalMs, method and attempts.`,
  );
}
