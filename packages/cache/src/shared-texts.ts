import { FieldNames } from "@headgate/http";

/** Beyond so many, and of that length, each entry keeps its own. */
const MOST = 1000;
const LONGEST = 64;

/** Fields of which many responses have the same value, and which each hit looks at or many sites send. */
const ALIKE: FieldNames = new FieldNames([
  ...["cache-control", "content-type", "content-encoding", "content-language", "vary", "server", "accept-ranges"],
  ...["access-control-allow-origin", "strict-transport-security", "x-content-type-options", "x-frame-options"],
]);

class SharedTexts {
  readonly #texts = new Map<string, string>();

  of(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined || this.#texts.size >= MOST || text.length > LONGEST) return known ?? text;
    // By way of bytes: a part of a text holds on to all of it.
    const own = Buffer.from(text, "latin1").toString("latin1");
    if (own === text) this.#texts.set(own, own);
    return text;
  }
}

const names = new SharedTexts();
const values = new SharedTexts();

/**
 * Makes names, and values that are mostly the same, one text for all entries. Each hit reads them, and what a hundred thousand entries
 * share is in the processor's caches.
 * @param fields flat `[name, value, ...]`; changed in place
 */
export function shareTexts(fields: string[]): void {
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = names.of(fields[i] as string);
    fields[i] = name;
    if (ALIKE.has(name)) fields[i + 1] = values.of(fields[i + 1] as string);
  }
}
