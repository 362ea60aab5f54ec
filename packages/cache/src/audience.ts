import type { EntryHead } from "./types.ts";

type Audience = Pick<EntryHead, "shared" | "identity">;

/** Whether an entry may answer this identity: it is for everybody, or for just this one. */
export function isFor({ shared, identity }: Audience, asking: string | null): boolean {
  return shared || identity === asking;
}

/** Whether two entries are for the same. */
export function sameAudience(a: Audience, b: Audience): boolean {
  return a.shared ? b.shared : !b.shared && a.identity === b.identity;
}
