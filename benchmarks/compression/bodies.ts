import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { seededRandom } from "@headgate/testing";

/** What is compressed: text as it comes from backends, cut to a size. */
export interface Sample {
  readonly kind: "JSON" | "HTML" | "JavaScript";
  /** KB of 1000 bytes. */
  readonly kb: number;
  readonly body: Buffer;
}

const require = createRequire(import.meta.url);
const LARGEST = 200_000;
/** Cut out from here on, behind what files begin with. */
const FROM = 3000;

const WORDS =
  "the of and a to in is that for it as was with be by on not he his but at are this have from or had an they which one you were all her she there would their we him been has when who will no more if out so up said what its about than into them can only other time new some could these two may first then do any like my now over such our man me even most made after also did many off before must well back through years where much your way down should because long each just state those people too mr how little good world make very year still see own work men day get here old between both life being under three never know same last another while us might great go come since against right came take used himself few house use place during high without again home around small however found mrs part school thought went say general once upon war every left always".split(
    " ",
  );

/** A shop's page: a list of articles, each in the same frame with other words. */
function page(): string {
  const random = seededRandom(7);
  // Words as they are spread in a language: the second half as often as the first, and so on.
  const word = (): string => WORDS[Math.floor(WORDS.length ** random()) - 1] ?? "";
  const text = (count: number): string => Array.from({ length: count }, word).join(" ");
  const article = (id: number): string => `
    <article class="card card--${id % 3 === 0 ? "wide" : "plain"}" data-id="${Math.floor(random() * 1e9)}">
      <a class="card__link" href="/articles/${word()}-${word()}-${id}"><img class="card__image" loading="lazy" width="320" height="200"
        src="/images/${Math.floor(random() * 2 ** 32).toString(16)}.webp" alt="${text(4)}"></a>
      <h2 class="card__title">${text(6)}</h2>
      <p class="card__text">${text(20 + Math.floor(random() * 60))}</p>
      <span class="price">${(random() * 200).toFixed(2)} €</span> <button class="button" type="button">Add to cart</button>
    </article>`;
  let html = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Articles</title></head><body><main>';
  for (let id = 1; html.length < LARGEST + FROM; id += 1) html += article(id);
  return html;
}

/** The same bytes on every machine: files of packages whose version is fixed, and a page made from a seed. */
export function samples(sizes: readonly number[]): readonly Sample[] {
  const texts = [
    { kind: "JSON", text: readFileSync(require.resolve("mime-db/db.json")) },
    { kind: "HTML", text: Buffer.from(page()) },
    { kind: "JavaScript", text: readFileSync(require.resolve("echarts/dist/echarts.min.js")) },
  ] as const;
  return sizes.flatMap((kb) =>
    texts.map(({ kind, text }) => ({ kind, kb, body: text.subarray(FROM, FROM + kb * 1000) })),
  );
}
