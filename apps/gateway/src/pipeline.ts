import type { LeaseStore } from "@headgate/cache";
import type { FillBudget } from "./caching/fill-budget.ts";
import type { GuardedStore } from "./caching/guarded-store.ts";
import type { RefreshTally } from "./caching/refresh-tally.ts";
import type { Clock } from "./clock.ts";
import { compose, type Ring } from "./compose.ts";
import { WholeBodyEncoder } from "./compression/whole-body-encoder.ts";
import type { Layer } from "./layer.ts";
import { type Admission, admit } from "./layers/admit.ts";
import { type AssignParts, assign } from "./layers/assign.ts";
import { authenticate } from "./layers/authenticate.ts";
import { balance } from "./layers/balance.ts";
import { cache } from "./layers/cache.ts";
import { Coalescer } from "./layers/coalesce.ts";
import { compress } from "./layers/compress.ts";
import { hedge } from "./layers/hedge.ts";
import { mirror } from "./layers/mirror.ts";
import { observe } from "./layers/observe.ts";
import { type PurgeParts, purge } from "./layers/purge.ts";
import { rescue } from "./layers/rescue.ts";
import { retry } from "./layers/retry.ts";
import { route } from "./layers/route.ts";
import { sticky } from "./layers/sticky.ts";
import type { BugReporter } from "./observability/bug-reporter.ts";
import type { ExchangeSink } from "./observability/exchange-record.ts";
import type { Mirrors } from "./upstream/mirrors.ts";

/** What the layers are handed. */
export interface PipelineParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly sinks: readonly ExchangeSink[];
  readonly reporter: BugReporter;
  readonly mirrors: Mirrors;
  readonly admission: Admission;
  readonly store: GuardedStore;
  /** By which gateways that share the store take turns in fetching; null where none share it. */
  readonly leases: LeaseStore | null;
  /** For bodies on their way into the store. */
  readonly budget: FillBudget;
  /** Of validations in the background. */
  readonly refreshes: RefreshTally;
  /** Bytes for encoded forms of stored responses. */
  readonly encodedMemory: number;
}

/**
 * The life of a request: read this first. Layers go from the client inwards; an answer of one passes those before it on
 * its way out, and never reaches those behind.
 */
export function createPipeline(parts: PipelineParts): Ring {
  const storeFailed = (error: unknown): void => parts.reporter.bug(error, { id: "", where: "cache store" });

  // Innermost, and asynchronous: each is wrapped by the next.
  const tryOnce = balance(parts); // one attempt: choose a backend, forward to it, tell its pool how it went
  const hedged = hedge({ ...parts, tryOnce }); // a second one beside it where it is slow and the pool wants that
  const mirrored = mirror({ ...parts, tryOnce: hedged, sendCopy: tryOnce }); // a copy to a pool that only watches
  const fetch = retry({ ...parts, tryOnce: mirrored }); // as many attempts as the plan allows, each at another backend
  const coalescer = new Coalescer({ ...parts, fetch, storeFailed }); // identical misses share one of these

  return compose(
    [
      observe(parts), // outermost, so that whatever happens has an id and ends in one record
      rescue(parts.reporter), // every error from further in becomes the response that tells it
      ...entrance(parts), // the layers that settle who asks and which rules hold, or refuse
      compress({ encoder: new WholeBodyEncoder(parts.encodedMemory) }), // outside the cache: an entry is stored once, in the coding the backend sent
      cache({ ...parts, storeFailed, refresher: coalescer }), // a hit is answered here, before anything has to wait
    ],
    (exchange) => coalescer.answer(exchange),
  );
}

/** What the layers of the entrance are handed. */
export interface EntranceParts extends PurgeParts, AssignParts {
  readonly admission: Admission;
}

/** The layers before the cache that look at the request alone, from the client inwards. A dry run enters these too. */
export function entrance(parts: EntranceParts): readonly Layer[] {
  return [
    admit(parts.admission), // refuses what is malformed, too large or too much before it costs anything
    route(), // which rules hold, and which pool or pools serve
    authenticate(), // before anything is looked up or sent in the client's name
    assign(parts), // which of several pools serves this client
    sticky(), // whose session it is; the cookie is one client's, so it is added outside the cache
    purge(parts), // PURGE takes stored responses away, where the route and the address allow it
  ];
}
