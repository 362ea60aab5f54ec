import type { ConfigSnapshot } from "../config/snapshot.ts";
import type { ClientTls } from "../config/tls/material.ts";
import type { BackendTls, ConnectionOptions } from "../upstream/send-pass.ts";

export type PoolConfig = ConfigSnapshot["pools"][string];

export function backendTls({ rejectUnauthorized, ...pem }: ClientTls): BackendTls {
  return { verify: rejectUnauthorized, ...pem };
}

/** @param connections to one backend at most; null for no bound */
export function connectionOptions(
  { timeouts }: PoolConfig,
  { responseBuffer }: ConfigSnapshot["limits"],
  tls: BackendTls,
  connections: number | null,
): ConnectionOptions {
  return {
    connections,
    connectTimeout: timeouts.connect,
    headTimeout: timeouts.head,
    bodyTimeout: timeouts.body,
    keepAlive: timeouts.keepAlive,
    responseBuffer,
    tls,
  };
}
