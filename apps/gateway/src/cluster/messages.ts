import type { PurgeMode, PurgeTarget } from "@headgate/cache";
import type { PurgeSelector } from "../admin/cache-admin.ts";
import type { ConfigSnapshot } from "../config/snapshot.ts";
import type { TlsMaterial } from "../config/tls/material.ts";
import type { PoolStatus } from "../control/control-plane.ts";
import type { BoundAddress } from "../downstream/listeners.ts";
import type { Explanation, Question } from "../explain/explanation.ts";
import type { ListenFailure } from "./listen-failure.ts";
import type { Observation } from "./observations.ts";
import type { PoolState } from "./pool-state.ts";
import type { WorkerReport } from "./worker-report.ts";

/** A version of the config as a worker carries it out: limits are its share, ports are settled, secrets are the same in all. */
export interface WorkerConfig {
  readonly config: ConfigSnapshot;
  readonly tls: TlsMaterial;
  /** Signs cookies for which the config names no secret; empty where there is none. */
  readonly signing: string;
}

/** What a worker is told once. */
export interface WorkerSetup {
  /** Its number, from 1; a replacement has that of the one before. */
  readonly worker: number;
  /** Random text of the gateway, mixed into the digests of API keys. */
  readonly secret: string;
  readonly debug: boolean;
  /** False where a table stands on the standard output. */
  readonly accessLog: boolean;
}

/** One purge of the cache. */
export interface Purge {
  readonly target: PurgeTarget;
  readonly mode: PurgeMode;
}

/** How an opening of listeners ended. */
export type ListenOutcome =
  | { readonly kind: "bound"; readonly bound: readonly BoundAddress[] }
  | { readonly kind: "refused"; readonly failure: ListenFailure };

/** What the admin API asks of the data plane, and one worker answers for all. */
export type Ask =
  | { readonly kind: "purge"; readonly selector: PurgeSelector; readonly mode: PurgeMode }
  | { readonly kind: "explain"; readonly question: Question; readonly pools: readonly PoolStatus[] };

/** `refused` has the message of a `UserError`, `failed` that of a bug. */
export type Answer =
  | { readonly kind: "purged"; readonly count: number }
  | { readonly kind: "explained"; readonly explanation: Explanation }
  | { readonly kind: "refused" | "failed"; readonly message: string };

/** What the primary tells a worker. `start` comes first; `id` names the answer that it waits for. */
export type ToWorker =
  | ({ readonly type: "start"; readonly id: number; readonly setup: WorkerSetup } & Update)
  /** Opens the listeners of a config that may come to be; answered by `listened`. */
  | ({ readonly type: "listen"; readonly id: number } & WorkerConfig)
  /** From now on this config holds. */
  | ({ readonly type: "config" } & Update)
  | { readonly type: "pools"; readonly pools: readonly PoolState[] }
  /** Purges of another worker; answered by `purged`. */
  | { readonly type: "purges"; readonly id: number; readonly purges: readonly Purge[] }
  /** What the other workers had for its own purges: how many entries each met. */
  | { readonly type: "purged"; readonly id: number; readonly counts: readonly number[] }
  /** Answered by `answered`. */
  | { readonly type: "ask"; readonly id: number; readonly ask: Ask }
  | { readonly type: "stop"; readonly grace: number };

interface Update extends WorkerConfig {
  /** All of them, whole. */
  readonly pools: readonly PoolState[];
}

/** What a worker tells the primary. */
export type ToPrimary =
  | { readonly type: "listened"; readonly id: number; readonly outcome: ListenOutcome }
  | { readonly type: "report"; readonly report: WorkerReport }
  | { readonly type: "observed"; readonly list: readonly Observation[] }
  | { readonly type: "purges"; readonly id: number; readonly purges: readonly Purge[] }
  | { readonly type: "purged"; readonly id: number; readonly counts: readonly number[] }
  | { readonly type: "answered"; readonly id: number; readonly answer: Answer }
  /** A line of the log, whole. */
  | { readonly type: "log"; readonly line: string }
  | { readonly type: "stopped"; readonly brokenOff: number };
