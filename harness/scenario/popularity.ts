import type { RandomStream } from './random.js';

/** Things by popularity: the thing of rank r is drawn with a weight of 1 / r, after Zipf. */
export interface PopularityDraw<Thing> {
  /** Most popular first. */
  readonly ranking: readonly Thing[];
  /** One of them; undefined when there are none. */
  one(random: RandomStream): Thing | undefined;
  /** Up to `count` different ones, none of them in `except`. */
  several(random: RandomStream, count: number, except?: ReadonlySet<Thing>): readonly Thing[];
}

/** Draws among so many give up on luck and take the most popular that are left. */
const ATTEMPTS_PER_VALUE = 8;

export function popularityDraw<Thing>(ranking: readonly Thing[]): PopularityDraw<Thing> {
  const cumulative = new Float64Array(ranking.length);
  let total = 0;
  for (let rank = 0; rank < ranking.length; rank += 1) {
    total += 1 / (rank + 1);
    cumulative[rank] = total;
  }
  const one = (random: RandomStream): Thing | undefined => ranking[rankAt(cumulative, random.unit() * total)];
  return {
    ranking,
    one,
    several: (random, count, except = new Set()) => {
      const drawn = new Set<Thing>();
      const take = (thing: Thing | undefined): void => {
        if (thing !== undefined && !except.has(thing)) drawn.add(thing);
      };
      for (let attempt = 0; drawn.size < count && attempt < count * ATTEMPTS_PER_VALUE; attempt += 1) {
        take(one(random));
      }
      for (let rank = 0; drawn.size < count && rank < ranking.length; rank += 1) take(ranking[rank]);
      return [...drawn];
    },
  };
}

/** The first rank whose cumulative weight is above `target`. */
function rankAt(cumulative: Float64Array, target: number): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cumulative[middle] ?? 0) > target) high = middle;
    else low = middle + 1;
  }
  return low;
}
