import { sfMember, sfString, sfTokenOrString } from "./structured.ts";

/** Error types of RFC 9209 §2.3. */
export type ProxyError =
  | "dns_timeout"
  | "dns_error"
  | "destination_not_found"
  | "destination_unavailable"
  | "destination_ip_prohibited"
  | "destination_ip_unroutable"
  | "connection_refused"
  | "connection_terminated"
  | "connection_timeout"
  | "connection_read_timeout"
  | "connection_write_timeout"
  | "connection_limit_reached"
  | "tls_protocol_error"
  | "tls_certificate_error"
  | "tls_alert_received"
  | "http_request_error"
  | "http_request_denied"
  | "http_response_incomplete"
  | "http_response_header_section_size"
  | "http_response_header_size"
  | "http_response_body_size"
  | "http_response_trailer_section_size"
  | "http_response_trailer_size"
  | "http_response_transfer_coding"
  | "http_response_content_coding"
  | "http_response_timeout"
  | "http_upgrade_failed"
  | "http_protocol_error"
  | "proxy_internal_response"
  | "proxy_internal_error"
  | "proxy_configuration_error"
  | "proxy_loop_detected";

export interface ProxyStatus {
  readonly error?: ProxyError | undefined;
  /** The backend that was tried, `127.0.0.1:8001`. */
  readonly nextHop?: string | undefined;
  /** The status that the backend has sent. */
  readonly receivedStatus?: number | undefined;
  readonly details?: string | undefined;
}

/** One member of Proxy-Status (RFC 9209 §2): `headgate; error=connection_refused; next-hop="127.0.0.1:8001"`. */
export function proxyStatus(proxyName: string, status: ProxyStatus): string {
  return sfMember(sfTokenOrString(proxyName), [
    ["error", status.error],
    ["next-hop", status.nextHop === undefined ? undefined : sfString(status.nextHop)],
    ["received-status", status.receivedStatus],
    ["details", status.details === undefined ? undefined : sfString(status.details)],
  ]);
}
