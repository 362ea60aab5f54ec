import { pino, stdSerializers, stdTimeFunctions } from "pino";

/** Least severity that is written. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

/** Takes whole lines, each ending in a line feed. Must neither block nor throw. */
export interface LogDestination {
  write(line: string): void;
}

interface LogMethod {
  (message: string): void;
  (fields: object, message: string): void;
}

/** A structured logger; an error goes under `err`, header fields under `headers`. */
export interface Logger {
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  readonly fatal: LogMethod;
  /** A logger that adds `fields` to each of its lines. */
  child(fields: Record<string, unknown>): Logger;
}

export interface LoggerOptions {
  /** Default: info. */
  readonly level?: LogLevel;
  readonly destination: LogDestination;
  /** Further header fields whose values are secrets, such as the one that carries API keys. */
  readonly secretFields?: readonly string[];
}

const REDACTED = "[redacted]";

const SECRET_FIELDS = ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"];

/** Properties that are censored wherever they stand at the top of a line. */
const SECRET_PROPERTIES = ["authorization", "cookie", "key", "apiKey", "password", "secret", "token"];

/** Name and value pairs of header fields, which come as an object or as a flat list. */
function pairsOf(headers: object): (readonly [string, unknown])[] {
  if (!Array.isArray(headers)) return Object.entries(headers);
  return headers.flatMap((name, index) => (index % 2 === 0 ? [[String(name), headers[index + 1]] as const] : []));
}

function headerSerializer(secretFields: readonly string[]): (headers: unknown) => unknown {
  const secrets = new Set([...SECRET_FIELDS, ...secretFields.map((name) => name.toLowerCase())]);
  const censor = ([name, value]: readonly [string, unknown]): readonly [string, unknown] =>
    secrets.has(name.toLowerCase()) ? [name, REDACTED] : [name, value];
  return (headers) =>
    typeof headers === "object" && headers !== null ? Object.fromEntries(pairsOf(headers).map(censor)) : REDACTED;
}

/** Logs one JSON object a line: `level`, `time` (ISO 8601), the given fields, `msg`. Secrets are censored. */
export function createLogger({ level = "info", destination, secretFields = [] }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_PROPERTIES, censor: REDACTED },
      serializers: { err: stdSerializers.err, headers: headerSerializer(secretFields) },
    },
    destination,
  );
}
