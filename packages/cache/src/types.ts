import type { RepeatedFields, Validators } from "@headgate/http";

/** Names one cached URL: scheme, host, path and query, then, after a line feed, whatever else the policy adds. */
export type CacheKey = string & { readonly __brand: "CacheKey" };

/** A value at hand, as from memory, or on its way, as from another machine. */
export type MaybePromise<T> = T | Promise<T>;

/** A request as the cache sees it. */
export interface CacheRequest {
  /** Case-sensitive, as received. */
  readonly method: string;
  /** "http" or "https". */
  readonly scheme: string;
  /** Authority in lower case, with its port unless that is the scheme's own. */
  readonly host: string;
  /** Path and query, normalised, without fragment. */
  readonly path: string;
  readonly fields: readonly string[];
  /** Who asks, as authentication found out; null where it did not ask. */
  readonly identity: string | null;
  readonly hasBody: boolean;
  /** Digest of the body, needed only to cache QUERY: bodies that differ must never have the same. */
  readonly bodyDigest?: string | undefined;
  /** Which of several origins that answer this URL the request goes to; undefined where there is but one. */
  readonly origin?: string | undefined;
}

/** A request field that selected a response (RFC 9111 §4.1). */
export interface VaryTerm {
  /** Lower case. */
  readonly name: string;
  /** As received, its lines joined; undefined where the request had none. Compared first, because it mostly decides. */
  readonly raw: string | undefined;
  /** In a form that is the same for values of the same meaning. */
  readonly value: string | undefined;
}

/** Where the body of a stored 206 lies. Positions are inclusive, as in Content-Range. */
export interface StoredPart {
  readonly first: number;
  /** As its Content-Range says; fewer bytes may have come. */
  readonly last: number;
  /** Bytes of the whole representation, undefined where Content-Range had "*". */
  readonly total: number | undefined;
  /** The Range that this was the answer to; undefined once parts have been joined. */
  readonly asked: string | undefined;
}

/**
 * When a stale entry may be used: never without validation (no-cache, must-revalidate, proxy-revalidate), only where
 * stale-while-revalidate or stale-if-error say so (s-maxage), or also when the origin cannot be reached (RFC 9111 §4.2.4).
 */
export type StaleRule = "forbidden" | "explicit" | "allowed";

/** All of an entry but its body: what the head of a response decides. Times in ms. */
export interface EntryHead {
  readonly status: number;
  /** As they will be sent: end-to-end, without Age and without what no-cache="…" and private="…" name. */
  readonly fields: readonly string[];
  /** null: the body is whole. */
  readonly part: StoredPart | null;
  /** When the response had age 0, so that its age is `now - bornAt`. */
  readonly bornAt: number;
  readonly receivedAt: number;
  /** Fresh before this. */
  readonly expiresAt: number;
  /** Of no use from this on. */
  readonly keepUntil: number;
  readonly vary: readonly VaryTerm[];
  /** public or s-maxage: it may answer everybody. */
  readonly shared: boolean;
  /** Unless shared, the only one that it may answer: who asked for it, null being those whom we do not know. */
  readonly identity: string | null;
  readonly tags: readonly string[];
  readonly validators: Validators;
  /** Last-Modified as written: If-Modified-Since repeats it to the letter. */
  readonly lastModified: string | undefined;
  /** Content-Language where it is one tag in lower case and Vary names Accept-Language. */
  readonly language: string | undefined;
  /** Only to be used after validation. */
  readonly noCache: boolean;
  readonly immutable: boolean;
  readonly stale: StaleRule;
  /** ms after `expiresAt`. */
  readonly staleWhileRevalidate: number;
  /** ms after `expiresAt`. */
  readonly staleIfError: number;
  /** The lifetime is our default: the response said nothing. Not for requests with cookies (see `CachePolicyOptions.ttl`). */
  readonly assumed: boolean;
  /** Who answered, such as `127.0.0.1:8001`. */
  readonly backend: string;
}

/** An entry is itself what answers from it repeat: its lines are the one thing of it that changes. */
export interface StoredEntry extends EntryHead, RepeatedFields {
  readonly body: Buffer;
  /** Bytes that holding it takes: body, fields twice (see `lines`), and an estimate of the objects around them. */
  readonly size: number;
}
