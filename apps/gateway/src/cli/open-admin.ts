import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ConfigSnapshot } from "../config/snapshot.ts";
import { adminPlace, listenError } from "../control/listen-error.ts";

/** The admin listener, open. */
export interface OpenAdmin {
  readonly url: string;
  /** Lets answers that are under way finish, and closes the rest. */
  close(): Promise<void>;
}

/** How long an answer under way may take when the gateway stops, ms. */
const GRACE = 500;

/** Opens the admin server. Throws `UserError` where its address cannot be listened on. */
export async function openAdmin(server: Server, admin: Exclude<ConfigSnapshot["admin"], false>): Promise<OpenAdmin> {
  try {
    server.listen({ host: admin.host, port: admin.port });
    await once(server, "listening");
  } catch (error) {
    throw listenError(error, adminPlace(admin));
  }
  const { address, family, port } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${port}`,
    close: () => close(server),
  };
}

async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), GRACE);
  await closed;
  clearTimeout(timer);
}
