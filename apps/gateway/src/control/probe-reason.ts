const REASONS: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "connection refused"],
  ["ECONNRESET", "connection broken off"],
  ["EPIPE", "connection broken off"],
  ["ETIMEDOUT", "connection timed out"],
  ["EHOSTUNREACH", "host unreachable"],
  ["ENETUNREACH", "network unreachable"],
  ["ENOTFOUND", "host name not found"],
  ["EAI_AGAIN", "host name lookup failed"],
  ["EMFILE", "out of file descriptors"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "certificate: self-signed"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "certificate: signed by an unknown authority"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "certificate: signed by an unknown authority"],
  ["UNABLE_TO_GET_ISSUER_CERT", "certificate: signed by an unknown authority"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "certificate: signed by an unknown authority"],
  ["CERT_HAS_EXPIRED", "certificate: expired"],
  ["CERT_NOT_YET_VALID", "certificate: not valid yet"],
  ["CERT_REVOKED", "certificate: revoked"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "certificate: made for another name"],
]);

/** Says in a person's words why a probe got no answer. By code: message texts change between versions. */
export function probeReason(error: Error): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const known = REASONS.get(code);
  if (known !== undefined) return known;
  if (code.startsWith("HPE_")) return "not an HTTP answer";
  if (code === "EPROTO" || code.startsWith("ERR_SSL_")) return "TLS handshake failed";
  return code === "" ? error.message : code;
}
