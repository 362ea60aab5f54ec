/** The authority as the cache's keys have it: without the port that is the scheme's own. */
export function cacheHost(host: string, scheme: "http" | "https"): string {
  const port = scheme === "http" ? ":80" : ":443";
  return host.endsWith(port) ? host.slice(0, -port.length) : host;
}
