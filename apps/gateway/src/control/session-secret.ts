import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { whyUnreadable } from "../config/unreadable.ts";

const FILE = "session.key";
const SECRET = /^[0-9a-f]{64}$/;

/**
 * The secret that signs session cookies where the config names none: kept in `folder` (mode 0600), so that sessions survive
 * a restart, and made where there is none. Read once, when it is first asked for. Where it cannot be kept it is told, and
 * sessions end with the process.
 */
export function keptSecret(folder: string, warn: (text: string) => void): () => string {
  let secret: string | null = null;
  return () => {
    secret ??= read(join(folder, FILE)) ?? make(folder, warn);
    return secret;
  };
}

function read(file: string): string | null {
  try {
    const text = readFileSync(file, "utf8").trim();
    return SECRET.test(text) ? text : null;
  } catch {
    return null;
  }
}

function make(folder: string, warn: (text: string) => void): string {
  const file = join(folder, FILE);
  const secret = randomBytes(32).toString("hex");
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(file, `${secret}\n`, { mode: 0o600, flag: "wx" });
    return secret;
  } catch (error) {
    // Another gateway with the same folder may have made it just now.
    const others = read(file);
    if (others !== null) return others;
    warn(
      `The key of sticky sessions cannot be kept in ${folder}: ${whyUnreadable(error)}. Sessions end with this process: set stateDir to a folder that this user can write, or give the pool's sticky a secret.`,
    );
    return secret;
  }
}
