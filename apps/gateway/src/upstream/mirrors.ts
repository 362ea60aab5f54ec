import type { MirrorTallies } from "../observability/mirror-tallies.ts";
import type { TryOnce } from "./fetch.ts";
import { MirroredCopy } from "./mirrored-copy.ts";
import type { UpstreamRequest } from "./upstream-request.ts";

/** Whether a request is copied to another pool, and why not. */
export type MirrorPlan =
  | { readonly kind: "copy" }
  | { readonly kind: "skip"; readonly reason: "share" | "body" | "busy" };

/** Everything that is on its way to pools which only watch. */
export class Mirrors {
  readonly tallies: MirrorTallies;
  readonly #random: () => number;
  /** By pool; over all versions of the config. */
  readonly #underWay = new Map<string, Set<MirroredCopy>>();
  #stopped = false;

  constructor(tallies: MirrorTallies, random: () => number) {
    this.tallies = tallies;
    this.#random = random;
  }

  /** Sends a copy, if one is to be sent. Never throws, and never touches the request. */
  offer(request: UpstreamRequest, send: TryOnce): void {
    const { mirror } = request;
    if (mirror === null || this.#stopped) return;
    const { name } = mirror.pool;
    const plan = this.#plan(request);
    if (plan.kind === "copy") this.#send(new MirroredCopy(request, mirror), name, send);
    else if (plan.reason !== "share") this.tallies.count(name, plan.reason);
  }

  /** Ends all that is under way: nobody waits for it. */
  stop(): void {
    this.#stopped = true;
    for (const copies of this.#underWay.values()) for (const copy of copies) copy.end("stopped");
  }

  #plan({ mirror, body }: UpstreamRequest): MirrorPlan {
    if (mirror === null || this.#random() >= mirror.share) return { kind: "skip", reason: "share" };
    if (body !== null && body.bytes === null) return { kind: "skip", reason: "body" };
    const busy = (this.#underWay.get(mirror.pool.name)?.size ?? 0) >= mirror.limit;
    return busy ? { kind: "skip", reason: "busy" } : { kind: "copy" };
  }

  #send(copy: MirroredCopy, pool: string, send: TryOnce): void {
    const copies = this.#underWay.get(pool) ?? new Set();
    copies.add(copy);
    this.#underWay.set(pool, copies);
    void copy.send(send).then((outcome) => {
      copies.delete(copy);
      this.tallies.count(pool, outcome);
    });
  }
}
