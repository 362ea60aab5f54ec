import { type CacheKey, type Lease, type LeaseStore, planLookup, type StoredEntry } from "@headgate/cache";
import type { Cancellation } from "../cancellation.ts";
import type { Clock } from "../clock.ts";
import type { CacheNote } from "./cache-note.ts";

/** What a request that leads here does after it has been its turn among all gateways. */
export type Taken =
  /** It goes upstream; the others wait until the lease, if there is one, is released. */
  | { readonly kind: "go"; readonly lease: Lease | null }
  /** Another gateway has fetched it meanwhile. */
  | { readonly kind: "found"; readonly entry: StoredEntry };

/** Another gateway is at it, which is enough where nobody waits for it here. */
export class LeftToAnother extends Error {
  constructor() {
    super("another gateway fetches it");
    this.name = "LeftToAnother";
  }
}

export interface TurnParts {
  readonly leases: LeaseStore;
  readonly clock: Clock;
  readonly cancellation: Cancellation;
  readonly key: CacheKey;
  readonly note: CacheNote;
  /** How long to wait for another gateway at most, ms. */
  readonly patience: number;
  /** Nobody waits for it here: where another gateway fetches it already, it is not needed. */
  readonly inBackground: boolean;
}

/** Waits for another gateway's identical request, if there is one. Rejects only once it is cancelled or not needed. */
export async function takeTurn(parts: TurnParts): Promise<Taken> {
  const { leases, cancellation, key, patience, inBackground } = parts;
  const turn = await leases.acquire(key, patience);
  if (turn.kind === "alone") return { kind: "go", lease: null };
  if (turn.kind === "lead") return lead(parts, turn.lease);
  const stop = (): void => turn.wait.stop();
  if (inBackground || cancellation.cancelled) stop();
  else cancellation.onCancel(stop);
  await turn.wait.ended;
  cancellation.off(stop);
  if (cancellation.cancelled) throw cancellation.reason ?? new Error("nobody waits any more");
  if (inBackground) throw new LeftToAnother();
  // Where that brought nothing for this one, it brings nothing to take turns again.
  return (await look(parts)) ?? { kind: "go", lease: null };
}

async function lead(parts: TurnParts, lease: Lease): Promise<Taken> {
  const { cancellation } = parts;
  const found = lease.isLate && !cancellation.cancelled ? await look(parts) : null;
  if (found !== null || cancellation.cancelled) lease.release();
  if (cancellation.cancelled) throw cancellation.reason ?? new Error("nobody waits any more");
  return found ?? { kind: "go", lease };
}

/** What is stored now and may answer as it is. */
async function look({ leases, clock, key, note }: TurnParts): Promise<Taken | null> {
  const now = clock.now();
  const plan = planLookup(note.request, note.demands, await leases.look(key, now), now);
  return plan.kind === "hit" ? { kind: "found", entry: plan.entry } : null;
}
