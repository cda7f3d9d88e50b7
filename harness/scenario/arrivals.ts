import { expectedArrivals, type OpenArrivals } from './open-arrivals.js';
import { exponential, type RandomStream } from './random.js';

/** When things start within `durationMs`, in whole µs from its beginning, ascending. */
export function arrivalTimesUs(
  arrivals: OpenArrivals,
  durationMs: number,
  random: RandomStream,
): readonly number[] {
  const endUs = durationMs * 1_000;
  switch (arrivals.process) {
    case 'constant':
      return evenly(1_000_000 / arrivals.perS, endUs);
    case 'poisson': {
      const meanUs = 1_000_000 / arrivals.perS;
      const times: number[] = [];
      for (let at = exponential(random) * meanUs; at < endUs; at += exponential(random) * meanUs) {
        times.push(Math.floor(at));
      }
      return times;
    }
    case 'ramp':
      return rampTimesUs(arrivals, durationMs, random);
    case 'burst':
      return evenly(arrivals.everyMs * 1_000, endUs).flatMap((atUs) =>
        Array.from({ length: arrivals.size }, () => atUs),
      );
  }
}

function evenly(distanceUs: number, endUs: number): readonly number[] {
  const times: number[] = [];
  for (let index = 0; index * distanceUs < endUs; index += 1) times.push(Math.floor(index * distanceUs));
  return times;
}

/**
 * Arrivals of a rate that changes in a straight line: those of a process of rate 1, put where the integral of the
 * rate has grown so far (E. Çinlar, "Introduction to Stochastic Processes", 1975, on time-changed Poisson processes).
 */
function rampTimesUs(
  ramp: Extract<OpenArrivals, { process: 'ramp' }>,
  durationMs: number,
  random: RandomStream,
): readonly number[] {
  const { fromPerS, toPerS, spacing } = ramp;
  const durationS = durationMs / 1_000;
  const total = expectedArrivals(ramp, durationMs);
  const next = () => (spacing === 'even' ? 1 : exponential(random));
  const times: number[] = [];
  for (let count = spacing === 'even' ? 0 : next(); count < total; count += next()) {
    // The root of from·t + (to − from)·t²/2T = count, in the form that loses nothing when both rates are near.
    const underRoot = Math.max(0, fromPerS * fromPerS + (2 * (toPerS - fromPerS) * count) / durationS);
    const atS = count === 0 ? 0 : (2 * count) / (fromPerS + Math.sqrt(underRoot));
    times.push(Math.floor(Math.min(atS * 1_000_000, durationMs * 1_000 - 1)));
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
