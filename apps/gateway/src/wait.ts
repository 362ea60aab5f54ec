import type { Cancellation } from "./cancellation.ts";

/** Waits `ms`, or until cancelled, then rejects with the reason. */
export function sleep(ms: number, cancellation: Cancellation): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancelled = (): void => {
      clearTimeout(timer);
      reject(cancellation.reason);
    };
    const timer = setTimeout(() => {
      cancellation.off(cancelled);
      resolve();
    }, ms);
    cancellation.onCancel(cancelled);
  });
}

/** Waits for `work`, but no longer than `ms` and not beyond a cancellation, which rejects with its reason. */
export async function waitUpTo(work: Promise<void>, ms: number, cancellation: Cancellation): Promise<void> {
  let cancelled: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<void>((resolve, reject) => {
    timer = setTimeout(resolve, ms);
    cancelled = () => reject(cancellation.reason);
    cancellation.onCancel(cancelled);
  });
  try {
    await Promise.race([work, bound]);
  } finally {
    clearTimeout(timer);
    if (cancelled !== undefined) cancellation.off(cancelled);
  }
}
