/** Close frames of status 1001, "going away" (RFC 6455 §7.4.1): from a server bare, from a client masked (with zeros). */
export const SERVER_GOING_AWAY: Buffer = Buffer.from([0x88, 0x02, 0x03, 0xe9]);
export const CLIENT_GOING_AWAY: Buffer = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9]);

/**
 * Follows one direction of a WebSocket far enough to know whether it stands between two frames (RFC 6455 §5.2): only there
 * may a frame of our own be put in.
 */
export class FrameBoundary {
  /** Bytes of the current frame's head, until its length is known. */
  readonly #head: number[] = [];
  /** Bytes of the current frame that are still to come. */
  #remaining = 0;

  get between(): boolean {
    return this.#remaining === 0 && this.#head.length === 0;
  }

  pass(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#remaining > 0) {
        const taken = Math.min(this.#remaining, chunk.length - at);
        this.#remaining -= taken;
        at += taken;
        continue;
      }
      this.#head.push(chunk[at++] as number);
      const length = frameLength(this.#head);
      if (length === null) continue;
      this.#remaining = length;
      this.#head.length = 0;
    }
  }
}

/** Bytes that follow a frame's head and length, mask included; null while the head is not complete. */
function frameLength(head: readonly number[]): number | null {
  const second = head[1];
  if (second === undefined) return null;
  const mask = (second & 0x80) === 0 ? 0 : 4;
  const short = second & 0x7f;
  if (short < 126) return short + mask;
  const extended = short === 126 ? 2 : 8;
  if (head.length < 2 + extended) return null;
  let length = 0;
  for (let i = 2; i < 2 + extended; i++) length = length * 256 + (head[i] as number);
  return length + mask;
}
