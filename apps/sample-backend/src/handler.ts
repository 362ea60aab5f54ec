import type { RequestHandler } from "express";
import type { ReceivedBody } from "./body.ts";
import type { Faults, Query } from "./faults.ts";

/** What earlier handlers leave for later ones in `response.locals`. */
export interface Locals extends Record<string, unknown> {
  faults: Faults;
  received: ReceivedBody;
}

export type Handler = RequestHandler<Record<string, string>, unknown, unknown, Query, Locals>;
