/** A list; empty where a reply is none. Replies are read like this throughout: what is foreign is as good as nothing. */
export function asList(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : [];
}

export function asText(reply: unknown): string {
  if (typeof reply === "string") return reply;
  return Buffer.isBuffer(reply) ? reply.toString() : "";
}

export function asNumber(reply: unknown): number {
  const number = typeof reply === "number" ? reply : Number(asText(reply));
  return Number.isFinite(number) ? number : 0;
}

export function asBuffer(reply: unknown): Buffer | undefined {
  return Buffer.isBuffer(reply) ? reply : undefined;
}
