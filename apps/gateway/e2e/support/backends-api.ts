import { askJson } from "./http-client.ts";

/** A backend as `GET /api/backends` tells it, as far as tests look at it. */
export interface BackendView {
  readonly id: string;
  readonly url: string;
  readonly pool: string;
  readonly state: "NOT_INITIATED" | "HEALTHY" | "UNREACHABLE";
  readonly draining: boolean;
  readonly ejected: boolean;
  readonly failures: number;
  readonly lastHealthyAt: string | null;
  readonly active: number;
  readonly weight: number;
  readonly origin: "config" | "file" | "dns" | "admin";
  readonly leaseUntilAt: string | null;
  readonly priority: number;
  readonly probes: readonly {
    readonly ok: boolean;
    /** When it was known, ms since the epoch. */
    readonly at: number;
    readonly reason?: string;
    readonly status?: number;
  }[];
}

export async function readBackends(admin: string): Promise<BackendView[]> {
  const { json } = await askJson(`${admin}/api/backends`);
  return json as BackendView[];
}

/** The one backend of this id. */
export async function readBackend(admin: string, id: string): Promise<BackendView> {
  const found = (await readBackends(admin)).find((backend) => backend.id === id);
  if (found === undefined) throw new Error(`${admin}/api/backends does not tell of ${id}`);
  return found;
}
