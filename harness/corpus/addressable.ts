import type { Body } from './draft.js';
import type { Random } from './random.js';
import type { Scene, Writer } from './scene.js';
import type { Slot } from './schedule.js';
import { ARTICLE_LENGTHS } from './specification.js';
import { title, writeArticle } from './text.js';
import { APPS } from './vocabulary.js';

/** The newest version of what stands at an address (NIP-01). */
export interface Addressed {
  readonly kind: number;
  readonly signer: number;
  readonly d: string;
  /** Corpus position. */
  readonly position: number;
  readonly offsetS: number;
}

const NEW_ARTICLE_PERCENT = 50;
const RECENT_ARTICLES = 200;

/** Kind 30023 (NIP-23): half are new articles, half new versions of one that the author has. */
export class Articles {
  readonly #newest = new Map<string, Addressed & { readonly title: string }>();
  readonly #bySigner = new Map<number, string[]>();
  readonly #order: string[] = [];

  readonly write: Writer = (scene, slot, position) => {
    const { random } = scene;
    const revised = this.#revised(random, slot);
    const d = revised?.d ?? `article-${random.bytes(4).toString('hex')}`;
    const heading = revised?.title ?? title(random);
    this.#remember({ kind: 30023, signer: slot.signer, d, position, offsetS: slot.offsetS, title: heading });
    return { tags: articleTags(scene, d, heading), content: articleText(random) };
  };

  /** One of the latest new articles. Undefined before the first. */
  recent(random: Random): Addressed | undefined {
    const count = Math.min(this.#order.length, RECENT_ARTICLES);
    const key = count === 0 ? undefined : this.#order.at(-1 - random.below(count));
    return key === undefined ? undefined : this.#newest.get(key);
  }

  /** An article to write a new version of. Never one of the same second: see `Cast` in schedule.ts. */
  #revised(random: Random, { signer, offsetS }: Slot) {
    const own = this.#bySigner.get(signer);
    if (own === undefined || random.percent(NEW_ARTICLE_PERCENT)) return undefined;
    const article = this.#newest.get(random.pick(own));
    return article?.offsetS === offsetS ? undefined : article;
  }

  #remember(article: Addressed & { readonly title: string }): void {
    const key = `${article.signer}:${article.d}`;
    if (!this.#newest.has(key)) {
      this.#order.push(key);
      this.#bySigner.set(article.signer, [...(this.#bySigner.get(article.signer) ?? []), key]);
    }
    this.#newest.set(key, article);
  }
}

function articleTags(scene: Scene, d: string, heading: string): Body['tags'] {
  const { random } = scene;
  const summary = random.percent(70) ? [['summary', title(random)]] : [];
  const image = random.percent(50) ? [['image', `https://media.example/${d}.jpg`]] : [];
  const hashtags = scene.drawHashtags(1 + random.below(5)).map((tag) => ['t', tag]);
  return [['d', d], ['title', heading], ...summary, ...image, ...hashtags];
}

function articleText(random: Random): string {
  return writeArticle(random, random.within(random.weighted(ARTICLE_LENGTHS)));
}

/** Kind 30078 (NIP-78): settings of one of a few applications, saved again and again. */
export function appDataWriter(): Writer {
  const newest = new Map<string, number>();
  return ({ random }, { signer, offsetS }) => {
    const app = random.pick(APPS);
    const sameSecond = newest.get(`${signer}:${app}`) === offsetS;
    const d = sameSecond ? `${app}/${random.bytes(4).toString('hex')}` : app;
    newest.set(`${signer}:${d}`, offsetS);
    return { tags: [['d', d]], content: settings(random) };
  };
}

function settings(random: Random): string {
  const muted = Array.from({ length: random.below(12) }, () => title(random));
  return JSON.stringify({
    version: 1 + random.below(9),
    theme: random.pick(['dark', 'light', 'system']),
    muted,
  });
}
