/** What a client may send ahead of the answer it waits for, before it is paused; bytes. */
const MOST = 64 * 1024;

/** Bytes that came behind a request which is not answered yet. */
export class Ahead {
  #chunks: Buffer[] = [];
  #bytes = 0;

  get empty(): boolean {
    return this.#bytes === 0;
  }

  /** No more should come until they are taken. */
  get full(): boolean {
    return this.#bytes >= MOST;
  }

  add(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
  }

  take(): Buffer {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#bytes = 0;
    return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
  }
}
