/** Binomial probabilities, and what a count says of the probability behind it. */

/** A probability and its 95 % interval, or that of another error rate. */
export interface Estimated {
  readonly rate: number;
  readonly lo: number;
  readonly hi: number;
}

/** P(B < limit), B ~ Binomial(n, p). */
export function binomialBelow(n: number, p: number, limit: number): number {
  if (limit <= 0) return 0;
  if (limit > n || p <= 0) return 1;
  if (p >= 1) return 0;
  let logTerm = n * Math.log1p(-p);
  let sum = 0;
  for (let x = 0; x < limit; x += 1) {
    sum += Math.exp(logTerm);
    logTerm += Math.log((n - x) / (x + 1)) + Math.log(p / (1 - p));
  }
  return Math.min(1, sum);
}

/** Halvings of 0 … 1: as fine as a number holds. */
const HALVINGS = 52;

/** Where a function that falls from above `level` at 0 to below it at 1 has that level. */
function crossing(falling: (p: number) => number, level: number): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < HALVINGS; step += 1) {
    const middle = (low + high) / 2;
    if (falling(middle) > level) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * The exact interval for the probability of what happened in `successes` of n independent cases: it misses in at most
 * `error` of samples, half of it on each side, whatever the probability is.
 *
 * @see C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial",
 *   Biometrika 26 (1934), 404–413
 */
export function clopperPearson(successes: number, n: number, error = 0.05): Estimated {
  if (n === 0) return { rate: Number.NaN, lo: 0, hi: 1 };
  const side = error / 2;
  return {
    rate: successes / n,
    lo: successes === 0 ? 0 : crossing((p) => binomialBelow(n, p, successes), 1 - side),
    hi: successes === n ? 1 : crossing((p) => binomialBelow(n, p, successes + 1), side),
  };
}

/** The least p with which P(B ≥ least) reaches `wanted`, B ~ Binomial(n, p). */
export function probabilityFor(n: number, least: number, wanted: number): number {
  return crossing((p) => binomialBelow(n, p, least), 1 - wanted);
}
