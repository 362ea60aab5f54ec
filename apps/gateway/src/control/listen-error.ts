import { types } from "node:util";
import type { ConfigSnapshot } from "../config/snapshot.ts";
import { UserError } from "../errors.ts";

/** Where in the config an address stands: `listeners[1]` or `admin`. */
interface Place {
  readonly key: string;
  readonly host: string;
  readonly port: number;
}

/** What the system said of an address that could not be listened on. */
interface SystemError extends Error {
  readonly code?: string;
  readonly address?: string;
  readonly hostname?: string;
  readonly port?: number;
}

/**
 * An error of listening as the person who started the gateway needs it: which address, why, and which key to change.
 * @param at the places that were being opened; the error's port tells which one it was
 */
export function listenError(error: unknown, at: readonly Place[]): UserError {
  if (!types.isNativeError(error)) return new UserError(`Listening failed: ${String(error)}.`);
  const { code = "", port, address, hostname, message }: SystemError = error;
  const place = at.find((each) => each.port === port) ?? at.find((each) => each.host === hostname) ?? at[0];
  const key = place?.key ?? "listeners";
  const shown = port ?? place?.port ?? 0;
  const host = address ?? hostname ?? place?.host ?? "";
  switch (code) {
    case "EADDRINUSE":
      return new UserError(
        `Port ${shown} is in use by another program (${host}). Stop that one, or set ${key}.port to another port.`,
      );
    case "EACCES":
      return new UserError(
        `Port ${shown} needs more rights than this user has. Set ${key}.port to one above 1023, or allow Node to bind it.`,
      );
    case "EADDRNOTAVAIL":
      return new UserError(`${host} is no address of this machine (port ${shown}). Set ${key}.host to one that is.`);
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new UserError(`The host name ${host} is not known. Set ${key}.host to an address of this machine.`);
    default:
      return new UserError(`Listening on port ${shown} failed: ${message}. See ${key} in the config.`);
  }
}

/** The places that a config listens on for clients. */
export function listenerPlaces({ listeners }: ConfigSnapshot): Place[] {
  return listeners.flatMap(({ host, port }, index) =>
    host.map((each) => ({ key: `listeners[${index}]`, host: each, port })),
  );
}

export function adminPlace({ host, port }: Exclude<ConfigSnapshot["admin"], false>): Place[] {
  return [{ key: "admin", host, port }];
}
