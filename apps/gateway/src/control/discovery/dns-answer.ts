/** What a DNS server is asked. */
export interface DnsQuestion {
  readonly name: string;
  readonly type: "A" | "AAAA" | "SRV";
}

/** An SRV record (RFC 2782). */
export interface Service {
  readonly target: string;
  readonly port: number;
  /** The lowest is used first. */
  readonly priority: number;
  /** Share among those of its priority. */
  readonly weight: number;
}

/** What came of a question. */
export type DnsAnswer =
  /** Addresses of A and AAAA, services of SRV; together at least one. `ttl` is the shortest of all records, ms. */
  | {
      readonly kind: "records";
      readonly addresses: readonly string[];
      readonly services: readonly Service[];
      readonly ttl: number;
    }
  /** An authority says that there are none. */
  | { readonly kind: "empty"; readonly reason: string }
  /** No usable answer came. */
  | { readonly kind: "failed"; readonly reason: string };

/** Asks a question; never rejects. Once `signal` is aborted the answer means nothing. */
export type AskDns = (question: DnsQuestion, signal: AbortSignal) => Promise<DnsAnswer>;
