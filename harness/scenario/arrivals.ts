import { exponential, type RandomStream } from './random.js';
import type { OpenArrivals } from './steps.js';

/** When things start within `durationMs`, in whole µs from its beginning, ascending. */
export function arrivalTimesUs(
  { process, perS }: OpenArrivals,
  durationMs: number,
  random: RandomStream,
): readonly number[] {
  const meanUs = 1_000_000 / perS;
  const endUs = durationMs * 1_000;
  const times: number[] = [];
  if (process === 'constant') {
    for (let index = 0; index * meanUs < endUs; index += 1) times.push(Math.floor(index * meanUs));
    return times;
  }
  for (let at = exponential(random) * meanUs; at < endUs; at += exponential(random) * meanUs) {
    times.push(Math.floor(at));
  }
  return times;
}

export interface Weighted {
  readonly name: string;
  readonly weight: number;
}

/** The names in turn, each as often as its weight says over any stretch (smooth weighted round robin). */
export function inTurn(weighted: readonly Weighted[]): () => string {
  const total = totalWeight(weighted);
  const credit = weighted.map(() => 0);
  return () => {
    let best = 0;
    for (const [index, { weight }] of weighted.entries()) {
      credit[index] = (credit[index] ?? 0) + weight;
      if ((credit[index] ?? 0) > (credit[best] ?? 0)) best = index;
    }
    credit[best] = (credit[best] ?? 0) - total;
    return weighted[best]?.name ?? '';
  };
}

/** A name at random by weight: what splits a Poisson process into independent ones. */
export function atRandom(weighted: readonly Weighted[], random: RandomStream): () => string {
  const total = totalWeight(weighted);
  return () => {
    let left = random.unit() * total;
    const found = weighted.find(({ weight }) => {
      left -= weight;
      return left < 0;
    });
    return (found ?? weighted.findLast(({ weight }) => weight > 0))?.name ?? '';
  };
}

function totalWeight(weighted: readonly Weighted[]): number {
  return weighted.reduce((sum, { weight }) => sum + weight, 0);
}
