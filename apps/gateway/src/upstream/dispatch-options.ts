import type { Readable } from "node:stream";

/** A request as undici's dispatch takes it. */
export interface DispatchOptions {
  readonly method: string;
  readonly path: string;
  readonly headers: string[];
  readonly body: Buffer | Readable | null;
  readonly upgrade: string | null;
  readonly reset?: boolean;
}
