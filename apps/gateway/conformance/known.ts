/** A behaviour that the gateway does not show, on purpose: what rules, and why we keep to that. */
export interface Deviation {
  readonly ids: readonly string[];
  readonly rule: string;
  readonly reason: string;
}

/**
 * The suite is of 2020, two years older than RFC 9111. What fails here and is not listed is a fault of ours; what is listed
 * and passes has to go from the list.
 */
export const KNOWN: readonly Deviation[] = [
  {
    ids: ["age-parse-nonnumeric", "age-parse-negative", "age-parse-float"],
    rule: "RFC 9111 §5.1",
    reason: "an Age that is no non-negative integer is ignored; the suite wants it to make the response stale",
  },
  {
    ids: ["age-parse-parameter", "age-parse-numeric-parameter"],
    rule: "RFC 9111 §5.1",
    reason: "Age takes no parameters: with one it is invalid, and ignored; the suite wants the response to be stale",
  },
  {
    ids: ["age-parse-prefix-twoline", "age-parse-dup-0", "age-parse-dup-0-twoline", "age-parse-dup-old"],
    rule: "RFC 9111 §5.1",
    reason:
      "of several Age members the first counts and the others are dropped; the suite wants the response to be stale",
  },
  {
    ids: ["304-etag-update-response-ETag"],
    rule: "RFC 9111 §4.3.4",
    reason:
      "a 304 with another strong ETag is about another representation, so it refreshes nothing and the request is sent again; the suite wants the stored response with the old ETag, and counts the second request as a retry",
  },
  {
    ids: [
      "stale-close-must-revalidate",
      "stale-close-proxy-revalidate",
      "stale-close-no-cache",
      "stale-close-s-maxage=2",
    ],
    rule: "RFC 9111 §4.2.4, §5.2.2.2",
    reason:
      "the origin closes the connection and stale use is forbidden: a 504 is due, and sent. The suite looks for a field of its origin in it, takes its absence for a stored response, and so no cache passes",
  },
  {
    ids: ["conditional-lm-fresh-no-lm"],
    rule: "RFC 9111 §4.3.2",
    reason:
      "without Last-Modified a stored response is compared by its Date, which here is later than the time asked about: it was modified since, as far as anybody knows",
  },
  {
    ids: ["partial-store-partial-reuse-partial-suffix"],
    rule: "RFC 9111 §3.3",
    reason:
      "of the six bytes that Content-Range announces five came, and the one asked for is the sixth; the suite wants the fifth to pass for it",
  },
];
