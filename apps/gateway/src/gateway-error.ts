import { type FieldList, type ProblemCode, problemKind } from "@headgate/http";

/** A refusal or fault that the gateway itself answers: a row of the problem table, with what this request did wrong. */
export class GatewayError extends Error {
  readonly code: ProblemCode;
  /** For the person who reads the answer; never a secret. */
  readonly detail: string;
  /** Fields of the answer beside those of every problem, such as Retry-After. */
  readonly fields: FieldList;

  constructor(code: ProblemCode, detail: string, options: { fields?: FieldList; cause?: unknown } = {}) {
    super(`${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "GatewayError";
    this.code = code;
    this.detail = detail;
    this.fields = options.fields ?? [];
  }

  get status(): number {
    return problemKind(this.code).status;
  }
}

/** The client went away: nobody is left to answer. */
export class ClientGone extends Error {
  constructor() {
    super("the client went away");
    this.name = "ClientGone";
  }
}
