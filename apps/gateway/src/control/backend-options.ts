import type { BackendOptions } from "@headgate/balancer";
import type { BackendTls } from "../upstream/send-pass.ts";
import type { PoolConfig } from "./connection-options.ts";
import type { Member } from "./members.ts";

type PerBackend = PoolConfig["limits"]["perBackend"];

/** A backend as the balancer takes it: its own limits, else the pool's for each. */
export function backendOptions(member: Member, perBackend: PerBackend): BackendOptions {
  const { id, url, weight, priority, zone } = member;
  const maxActive = Math.min(requestsOf(member, perBackend), connectionsTo(member, perBackend) ?? Infinity);
  return {
    ...{ id, url, weight, maxActive },
    ...(priority === undefined ? {} : { priority }),
    ...(zone === undefined ? {} : { zone }),
  };
}

/** How many connections there may be to a backend; null for any number. */
export function connectionsTo({ limits }: Member, perBackend: PerBackend): number | null {
  return limits?.connections ?? perBackend?.connections ?? null;
}

/** TLS to a backend: checked against the pool's name, else the one that it was found by, else its host. */
export function tlsTo({ servername }: { readonly servername?: string | undefined }, tls: BackendTls): BackendTls {
  return servername === undefined || tls.servername !== undefined ? tls : { ...tls, servername };
}

function requestsOf({ limits }: Member, perBackend: PerBackend): number {
  return limits?.requests ?? perBackend?.requests ?? Infinity;
}
