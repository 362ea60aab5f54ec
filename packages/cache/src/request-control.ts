import { parseDeltaSeconds } from "./delta-seconds.ts";
import { parseDirectives } from "./directives.ts";

/** Cache-Control of a request (RFC 9111 §5.2.1); times in ms, undefined where not given or invalid. */
export interface RequestControl {
  noCache: boolean;
  noStore: boolean;
  onlyIfCached: boolean;
  maxAge: number | undefined;
  minFresh: number | undefined;
  /** Infinity where it is given without a value. */
  maxStale: number | undefined;
  /** RFC 5861 §4. */
  staleIfError: number | undefined;
}

function emptyControl(): RequestControl {
  return {
    noCache: false,
    noStore: false,
    onlyIfCached: false,
    maxAge: undefined,
    minFresh: undefined,
    maxStale: undefined,
    staleIfError: undefined,
  };
}

function apply(control: RequestControl, name: string, argument: string | undefined): void {
  const delta = argument === undefined ? undefined : parseDeltaSeconds(argument);
  switch (name) {
    case "no-cache":
      control.noCache = true;
      return;
    case "no-store":
      control.noStore = true;
      return;
    case "only-if-cached":
      control.onlyIfCached = true;
      return;
    case "max-age":
      control.maxAge ??= delta;
      return;
    case "min-fresh":
      control.minFresh ??= delta;
      return;
    case "max-stale":
      control.maxStale ??= argument === undefined ? Number.POSITIVE_INFINITY : delta;
      return;
    case "stale-if-error":
      control.staleIfError ??= delta;
  }
}

/** Reads what a request asks of caches; Pragma counts only where there is no Cache-Control (RFC 9111 §5.4). */
export function readRequestControl(cacheControl: string | undefined, pragma: string | undefined): RequestControl {
  const control = emptyControl();
  if (cacheControl !== undefined) {
    for (const { name, argument } of parseDirectives(cacheControl)) apply(control, name, argument);
  } else if (pragma !== undefined) {
    control.noCache = parseDirectives(pragma).some(({ name }) => name === "no-cache");
  }
  return control;
}
