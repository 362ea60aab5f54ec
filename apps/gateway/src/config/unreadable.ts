import { isNativeError } from "node:util/types";

const REASONS: Record<string, string> = {
  ENOENT: "there is no such file",
  EACCES: "this user may not read it",
  EISDIR: "it is a folder",
};

/** Why a file could not be read, in words. */
export function whyUnreadable(error: unknown): string {
  const code = isNativeError(error) && "code" in error ? String(error.code) : "";
  return REASONS[code] ?? (isNativeError(error) ? error.message : String(error));
}
