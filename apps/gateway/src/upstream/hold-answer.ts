import { getField } from "@headgate/http";
import type { UpstreamResponse } from "./upstream-request.ts";

/** What is held back of an answer. */
export interface Hold {
  /** Longest Content-Length of an answer that is held, bytes. */
  readonly bytes: number;
  /** How long at most, ms. */
  readonly time: number;
}

/**
 * Holds a small answer back until it is here whole or its time is over: while nobody has seen any of it, one that breaks off
 * is an attempt like any other that failed, and rejects so. Null where there is nothing to wait for, as where head and body
 * came together.
 */
export function holdAnswer(response: UpstreamResponse, { bytes, time }: Hold): Promise<void> | null {
  if (response.whole) return null;
  const length = getField(response.fields, "content-length");
  if (length === undefined || Number(length) > bytes) return null;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      response.whenOver(null);
      resolve();
    }, time);
    response.whenOver((error) => {
      clearTimeout(timer);
      if (error === null) resolve();
      else reject(error);
    });
  });
}
