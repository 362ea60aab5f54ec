import { isNativeError } from "node:util/types";
import { z } from "zod";
import { probeReason } from "../control/probe-reason.ts";
import { UserError } from "../errors.ts";
import { type AdminOptions, adminAddress, DEFAULT_ADMIN } from "./admin-address.ts";
import type { CommandContext } from "./options.ts";

const PROBLEM = z.object({ detail: z.string() });

/** fetch says "fetch failed", and has the reason as its cause. */
function reasonOf(error: unknown): string {
  const cause = isNativeError(error) && isNativeError(error.cause) ? error.cause : error;
  if (!isNativeError(cause)) return String(cause);
  return cause.name === "TimeoutError" ? "no answer in time" : probeReason(cause);
}

interface Answer {
  readonly status: number;
  readonly ok: boolean;
  /** The JSON of the body; undefined where it is none. */
  readonly value: unknown;
}

/** Asks the admin API of a running gateway. Every failure is a `UserError` that says what to do. */
export class AdminClient {
  readonly #base: string;
  readonly #timeout: number;

  /**
   * @param base as typed: `http://127.0.0.1:9901`
   * @param timeout ms for a whole answer
   */
  constructor(base: string, timeout = 10_000) {
    const url = URL.parse(base);
    if (url === null || !url.protocol.startsWith("http"))
      throw new UserError(`--admin: ${JSON.stringify(base)} is not a URL such as ${DEFAULT_ADMIN}.`);
    this.#base = url.origin;
    this.#timeout = timeout;
  }

  /** One for the gateway that a command is told to ask. */
  static async for(options: AdminOptions, context: CommandContext): Promise<AdminClient> {
    return new AdminClient(await adminAddress(options, context));
  }

  /** The JSON that answers `GET path`, as `schema` has it. */
  async get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return this.#read(await this.#ask("GET", path), schema);
  }

  /** The same for a request with a JSON body. */
  async send<T>(method: "POST" | "DELETE", path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
    return this.#read(await this.#ask(method, path, body), schema);
  }

  async #ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const content =
      body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    try {
      const response = await fetch(this.#base + path, {
        method,
        ...content,
        signal: AbortSignal.timeout(this.#timeout),
      });
      return { status: response.status, ok: response.ok, value: parseJson(await response.text()) };
    } catch (error) {
      throw new UserError(
        `no gateway answers on ${this.#base} (${reasonOf(error)}). Start one with "headgate start", or name its admin listener with --admin URL.`,
      );
    }
  }

  #read<T>({ ok, status, value }: Answer, schema: z.ZodType<T>): T {
    const parsed = schema.safeParse(value);
    if (ok && parsed.success) return parsed.data;
    const problem = PROBLEM.safeParse(value);
    if (!ok && problem.success) throw new UserError(problem.data.detail);
    throw new UserError(
      `${this.#base} does not answer as the admin listener of a gateway (status ${status}). Name the right one with --admin URL.`,
    );
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
