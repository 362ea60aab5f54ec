import { MemoryStore } from "@headgate/cache";
import { openSharedTier, type SharedTier, type SharedTierOptions } from "../src/index.ts";
import { schedule } from "./support.ts";

/** Looks every few milliseconds until `check` holds; fails after some seconds. */
export async function eventually(check: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 8000;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`it still does not hold that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

let tiers = 0;

/** A gateway's two tiers over a real server. */
export function openTier(urls: readonly string[], changes: Partial<SharedTierOptions> = {}): SharedTier {
  return openSharedTier({
    memory: new MemoryStore({ entries: 10_000, bytes: 100_000_000 }),
    ...{ urls, isCluster: false, tls: { rejectUnauthorized: true }, prefix: "test:" },
    ...{ timeout: 500, memoryTtl: 5000, objectSize: 1024 * 1024 },
    ...{ id: `tier-${process.pid}-${tiers++}`, now: Date.now, random: Math.random, schedule },
    onState: () => undefined,
    onPurge: () => undefined,
    ...changes,
  });
}

export async function ready(...opened: readonly SharedTier[]): Promise<void> {
  const isReady = (tier: SharedTier): boolean => tier.status().state === "up" && tier.status().subscribed;
  await eventually(() => opened.every(isReady), "the tiers are connected");
}

/** Waits until what was put has been written. */
export async function written(...opened: readonly SharedTier[]): Promise<void> {
  await eventually(() => opened.every((tier) => tier.status().pendingWrites === 0), "everything is written");
}
