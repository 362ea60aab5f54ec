import type { CacheStore } from "../store.ts";
import type { MaybePromise } from "../types.ts";
import { NOW, sampleKey } from "./sample.ts";

/** An empty store with room for at least ten small entries, and how to let go of it. */
export interface StoreUnderTest {
  readonly store: CacheStore;
  readonly close?: (() => MaybePromise<void>) | undefined;
}

/** Something that every store does; `check` rejects, with an AssertionError, where the one handed in does not. */
export interface StoreRule {
  readonly name: string;
  readonly check: (make: () => MaybePromise<StoreUnderTest>) => Promise<void>;
}

/** A rule that runs against a store of its own. */
export function rule(name: string, run: (store: CacheStore) => Promise<void>): StoreRule {
  const check: StoreRule["check"] = async (make) => {
    const { store, close } = await make();
    try {
      await run(store);
    } finally {
      await close?.();
    }
  };
  return { name, check };
}

/** The bodies held under a path, as text, newest first. */
export async function bodiesAt(store: CacheStore, path: string, now: number = NOW): Promise<string[]> {
  const entries = await store.get(sampleKey(path), now);
  return entries.map(({ body }) => body.toString("latin1"));
}
