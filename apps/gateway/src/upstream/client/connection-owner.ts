import type { Connection } from "./connection.ts";
import type { Patience } from "./patience.ts";

/** Whose connection it is. */
export interface ConnectionOwner {
  /** For requests that have no Host. */
  readonly host: string;
  readonly patience: Patience;
  /** Connected, or done with an exchange: it may take the next one. */
  freed(connection: Connection): void;
  /** A kept connection was closed without a byte of response. */
  stale(): void;
  /** Nothing of it is left here: closed, or handed over to an upgrade. */
  gone(connection: Connection): void;
}
