/** Where and how a backend registers itself. */
export interface RegistrationOptions {
  /** The gateway's admin listener, such as `http://127.0.0.1:9901`. */
  readonly register: string;
  readonly pool: string;
  /** Without a sign of life for so long the gateway takes the backend out, ms. */
  readonly lease: number;
}

/** What registering needs of the world. */
export interface RegistrationPorts {
  /** Sends JSON to the gateway. Rejects where it cannot be reached, or not before `signal`. */
  readonly send: (method: "POST" | "DELETE", url: string, value: object, signal: AbortSignal) => Promise<Reply>;
  /** Calls `run` after `ms`; what it returns calls that off. */
  readonly schedule: (run: () => void, ms: number) => () => void;
  readonly log: (line: string) => void;
}

export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** A lease is renewed so many times before it could run out. */
const RENEWALS = 3;

/** Longest wait for the gateway, ms. */
const PATIENCE = 3000;

/** A longer lease is tried for this often while the gateway cannot be reached, ms. */
const LONGEST_RETRY = 2000;

/** Keeps one backend in a gateway's pool: registers it, renews its lease, and takes it out at the end. */
export class Registration {
  readonly #url: string;
  readonly #options: RegistrationOptions;
  readonly #ports: RegistrationPorts;
  readonly #api: string;
  /** What was last told: a state that lasts is told once. */
  #told = "";
  #cancel: (() => void) | null = null;
  #running: Promise<void>;
  #stopped = false;

  /** Registers at once. @param url of the backend, as the gateway reaches it */
  constructor(url: string, options: RegistrationOptions, ports: RegistrationPorts) {
    this.#url = url;
    this.#options = options;
    this.#ports = ports;
    this.#api = new URL(`/api/pools/${encodeURIComponent(options.pool)}/backends`, options.register).href;
    this.#running = this.#renew();
  }

  /** Takes the backend out; resolves when the gateway has done so, or could not be reached. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    // A renewal that is on its way would bring it back.
    await this.#running;
    const { pool } = this.#options;
    const fault = await this.#send("DELETE", { url: this.#url });
    this.#ports.log(fault === null ? `left pool ${pool}` : `could not leave pool ${pool}: ${fault}`);
  }

  async #renew(): Promise<void> {
    const { lease, pool, register } = this.#options;
    const fault = await this.#send("POST", { url: this.#url, lease: `${lease}ms` });
    const period = lease / RENEWALS;
    if (fault === null) this.#tell(`registered in pool ${pool} of ${register}, lease ${lease / 1000} s`);
    else this.#tell(`not registered in pool ${pool} of ${register}: ${fault}; trying again`);
    if (this.#stopped) return;
    const wait = fault === null ? period : Math.min(period, LONGEST_RETRY);
    this.#cancel = this.#ports.schedule(() => {
      this.#running = this.#renew();
    }, wait);
  }

  #tell(line: string): void {
    if (line === this.#told) return;
    this.#told = line;
    this.#ports.log(line);
  }

  /** Sends to the gateway, and gives back why that was in vain; null where it was not. */
  async #send(method: "POST" | "DELETE", value: object): Promise<string | null> {
    try {
      const { status, text } = await this.#ports.send(method, this.#api, value, AbortSignal.timeout(PATIENCE));
      return status < 300 ? null : refusal(status, text);
    } catch (error) {
      return unreachable(error);
    }
  }
}

/** What the gateway's problem document says, or its status. */
function refusal(status: number, text: string): string {
  const problem = parse(text);
  const told = typeof problem === "object" && problem !== null && "detail" in problem ? problem.detail : undefined;
  return typeof told === "string" ? told : `the gateway answered ${status}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `fetch` tells the cause apart from the error. */
function unreachable(error: unknown): string {
  const { name, message, cause } = error instanceof Error ? error : new Error(String(error));
  if (name === "TimeoutError") return `no answer within ${PATIENCE} ms`;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (code === "ECONNREFUSED") return "nothing listens there yet";
  return code === "" ? message : code;
}
