/** The key that Headgate's route asks for; the other proxies pass it on as any field. */
export const API_KEY = "benchmark-key-of-no-secrecy";

/** What each request carries, about what a browser sends. */
export const REQUEST_FIELDS: Readonly<Record<string, string>> = {
  Host: "localhost",
  "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) bench",
  Accept: "text/html,application/xhtml+xml,*/*;q=0.8",
  "Accept-Language": "en-US,en;q=0.5",
  "X-API-Key": API_KEY,
};

/** The head of a GET, ready for a socket. */
export function requestHead(path: string): string {
  const fields = Object.entries(REQUEST_FIELDS).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\n${fields.join("")}\r\n`;
}
