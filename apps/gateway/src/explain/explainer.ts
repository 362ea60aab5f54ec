import { chooseEncoding, joinField } from "@headgate/http";
import type { GuardedStore } from "../caching/guarded-store.ts";
import type { Clock } from "../clock.ts";
import type { PoolStatus } from "../control/control-plane.ts";
import type { Exchange } from "../exchange.ts";
import { GatewayError } from "../gateway-error.ts";
import type { Generation } from "../generation.ts";
import type { Layer } from "../layer.ts";
import type { EntranceParts } from "../pipeline.ts";
import { dryExchange, type OwnAddress } from "./dry-exchange.ts";
import { explainCache } from "./explain-cache.ts";
import { explainUpstream, type UpstreamExplained } from "./explain-upstream.ts";
import type {
  CacheTold,
  CompressionTold,
  Explanation,
  IdentityTold,
  LimitsTold,
  Question,
  RouteTold,
  Verdict,
} from "./explanation.ts";

export interface ExplainerParts {
  readonly generation: () => Generation;
  readonly clock: Clock;
  readonly store: GuardedStore;
  readonly inFlight: () => number;
  /** Where the gateway listens now. */
  readonly own: () => readonly OwnAddress[];
  /** The layers before the cache, which a dry run enters in earnest: what they would change is handed to them as copies. */
  readonly entrance: (parts: EntranceParts) => readonly Layer[];
}

/** Says what would happen to a request, by the layers and plans that would make it happen, without any of it happening. */
export class Explainer {
  readonly #parts: ExplainerParts;

  constructor(parts: ExplainerParts) {
    this.#parts = parts;
  }

  /**
   * @param pools as the control plane sees them
   * @throws UserError where no client could send such a request
   */
  async explain(question: Question, pools: readonly PoolStatus[]): Promise<Explanation> {
    const { generation, clock, own } = this.#parts;
    const exchange = dryExchange(question, generation(), own(), clock);
    const refused = tooLargeHead(exchange) ?? (await this.#enter(exchange));
    const about = {
      request: { method: question.method, url: urlOf(exchange, question), client: exchange.client },
      limits: this.#limits(exchange),
      route: routeTold(exchange),
      identity: identityTold(exchange),
    };
    if (refused !== null) return { ...about, verdict: refused, cache: null, compression: null, upstream: null };
    const cache = await explainCache(exchange, hasBody(exchange), this.#parts);
    const upstream = explainUpstream(exchange, hasBody(exchange), pools, clock);
    return {
      ...about,
      verdict: verdictOf(cache, upstream),
      cache,
      compression: compressionTold(exchange),
      upstream: upstream?.told ?? null,
    };
  }

  /** What a layer before the cache answers, or refuses with; null where all let the exchange pass. */
  async #enter(exchange: Exchange): Promise<Verdict | null> {
    const { entrance, inFlight, clock } = this.#parts;
    // What is drawn is shown for the first of the pools, and told as drawn.
    const dry = { store: { purge: () => 0 }, random: () => 0 };
    const layers = entrance({ ...dry, admission: { inFlight: inFlight() }, clock });
    for (const layer of layers) {
      try {
        const response = await layer.enter?.(exchange);
        if (response !== undefined) return { kind: "answered", by: layer.name, status: response.status };
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        return refusal(layer.name, error);
      }
    }
    return null;
  }

  #limits(exchange: Exchange): LimitsTold {
    const { limits } = exchange.generation.config;
    const { framing } = exchange.head;
    const size = framing.kind === "length" ? framing.length : framing.kind === "none" ? 0 : null;
    return {
      head: { size: headSize(exchange), limit: limits.head },
      body: { size, limit: limits.body },
      inFlight: { now: this.#parts.inFlight(), limit: limits.exchanges },
    };
  }
}

function refusal(by: string, { status, code, detail }: GatewayError): Verdict {
  return { kind: "refused", by, status, code, detail };
}

/** As it stands on the wire in HTTP/1.1. */
function headSize({ head: { method, target, fields } }: Exchange): number {
  const line = method.length + target.length + " HTTP/1.1\r\n".length + 1;
  return fields.reduce((size, text) => size + text.length + 2, line) + 2;
}

/** The parser of the listener counts, before any layer. */
function tooLargeHead(exchange: Exchange): Verdict | null {
  const { head } = exchange.generation.config.limits;
  if (headSize(exchange) <= head) return null;
  const detail = `The request head has more than ${head} bytes, which is the limit.`;
  return refusal("listener", new GatewayError("fields-too-large", detail));
}

function hasBody({ head: { framing } }: Exchange): boolean {
  return framing.kind === "length" ? framing.length > 0 : framing.kind === "chunked";
}

function urlOf({ head, host, path }: Exchange, { url }: Question): string {
  return host === "" ? url : `${head.scheme}://${host}${path}`;
}

function routeTold({ route, pool, record }: Exchange): RouteTold | null {
  if (route === null) return null;
  const { name: path, host, methods, split, mirror, auth } = route;
  const sides = split?.sides.map(({ name, weight }) => ({ pool: name, weight })) ?? [];
  return {
    ...{ path, host, methods: methods === null ? null : [...methods], pool: pool?.name ?? null, auth },
    split: split === null ? null : { sides, why: record.poolWhy },
    mirror: mirror === null ? null : { pool: mirror.pool.name, share: mirror.share },
  };
}

/** Null where it did not come to that. */
function identityTold({ route, identity, generation }: Exchange): IdentityTold | null {
  if (route === null || (route.auth === "api-key" && identity === null)) return null;
  return { name: identity, field: generation.config.auth.header };
}

function compressionTold({ route, head, generation }: Exchange): CompressionTold {
  const { encodings, minimum } = generation.config.compression;
  if (route?.compression !== true) return { kind: "off" };
  const coding = chooseEncoding(joinField(head.fields, "accept-encoding"), encodings);
  return coding === "identity" ? { kind: "none" } : { kind: "encode", coding, minimum };
}

function verdictOf(cache: CacheTold, upstream: UpstreamExplained | null): Verdict {
  if ((cache.plan === "hit" || cache.plan === "stale") && cache.entry !== null)
    return { kind: "answered", by: "cache", status: cache.entry.status };
  if (cache.plan === "unsatisfiable")
    return refusal(
      "cache",
      new GatewayError("only-if-cached", "Only a stored response is asked for, and there is none."),
    );
  if (upstream === null) throw new Error("the route's pool is not in the config that it came with");
  const { told, refusal: against } = upstream;
  if (against !== null && cache.standsIn && cache.entry !== null)
    return { kind: "answered", by: "cache", status: cache.entry.status };
  if (against !== null) return refusal("balance", against);
  const { choice, pool } = told;
  return { kind: "forwarded", pool, backend: choice.kind === "settled" ? choice.backend : null };
}
