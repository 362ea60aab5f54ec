/** What a backend of the tests does with every request but health checks. */
export interface Behaviour {
  /** How long it takes, ms. */
  readonly moment: number;
  readonly status: number;
  /** Further fields of its answers. */
  readonly fields: Readonly<Record<string, string>>;
  /** How its answers are cut: reset behind the head, or a Content-Length that is not the content's. */
  readonly fault: "none" | "reset" | "too-long" | "too-short";
  /** What health checks are answered. */
  readonly health: number;
  readonly healthBody: string;
}

/** A moment is long enough that some requests are always under way. */
export const WELL: Behaviour = { moment: 40, status: 200, fields: {}, fault: "none", health: 200, healthBody: "ok" };
