/** Works on items, so many at a time; the results in order. */
export async function inGroups<T, R>(items: readonly T[], size: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += size) {
    results.push(...(await Promise.all(items.slice(at, at + size).map(work))));
  }
  return results;
}

/** Pages without the items that came before. */
export async function* unique<T>(pages: AsyncIterable<readonly T[]>): AsyncGenerator<readonly T[]> {
  const seen = new Set<T>();
  for await (const page of pages) {
    const fresh = page.filter((item) => !seen.has(item));
    for (const item of fresh) seen.add(item);
    yield [...new Set(fresh)];
  }
}
