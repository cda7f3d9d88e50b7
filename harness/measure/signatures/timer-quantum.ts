import type { Bin } from '../histogram.js';
import { quantileOf, total } from './distribution.js';

/** Latencies that a timer set: they come in steps of a quantum, or all wait for one round delay. */
export type TimerQuantum =
  | { readonly kind: 'steps'; readonly quantumMs: number; readonly teeth: number }
  | { readonly kind: 'delay'; readonly delayMs: number; readonly medianMs: number };

const LEAST_SAMPLES = 100;

/** Steps that timers have, in ms: the round periods of polling loops, and ticks of 64, 100, 250 and 1,000 Hz. */
const QUANTA_MS = [100, 50, 20, 15.625, 10, 4, 1] as const;

/**
 * How sharply the samples must stand on the comb: the length of the mean direction of 2π·ms / quantum (N. I. Fisher,
 * _Statistical Analysis of Circular Data_, 1993, §2.3); 0 for samples that lie anyhow, 1 for a perfect comb. 0.75 is a
 * scatter of an eighth of the quantum.
 */
const LEAST_CONCENTRATION = 0.75;
/** Steps in a row; two or three clusters can stand at the same distance by chance, one always does. */
const LEAST_TEETH = 4;
/** A step counts with so large a share of the samples. */
const LEAST_SHARE_OF_TOOTH = 0.05;

/** Round delays that programs wait before they look again, in ms. Below them, work of that length is as likely as a timer. */
const DELAYS_MS = [1_000, 500, 250, 200, 100, 50] as const;
/** A timer may be seen half a millisecond early. */
const EARLY_MS = 0.5;
/** Nine tenths of the samples lie this close above the delay: the timer is the answer's time, and the work is lost in it. */
const WIDEST_ABOVE = 0.08;

/**
 * Looks for what a timer does to latencies. The largest quantum that fits is named: multiples of 10 are multiples of 1.
 * @param ownDelaysMs delays that the run was told to play: a set service time, a shaped network; not accused
 */
export function findTimerQuantum(
  bins: readonly Bin[],
  ownDelaysMs: readonly number[] = [],
): TimerQuantum | undefined {
  if (total(bins) < LEAST_SAMPLES) return undefined;
  return findDelay(bins, ownDelaysMs) ?? findSteps(bins);
}

function findDelay(bins: readonly Bin[], ownDelaysMs: readonly number[]): TimerQuantum | undefined {
  const [least, most] = [quantileOf(bins, 0.05), quantileOf(bins, 0.95)];
  const delayMs = DELAYS_MS.find(
    (delay) => least >= delay - EARLY_MS && most <= delay * (1 + WIDEST_ABOVE) + EARLY_MS,
  );
  if (delayMs === undefined) return undefined;
  const isOwn = ownDelaysMs.some((own) => Math.abs(own - delayMs) <= delayMs * WIDEST_ABOVE);
  return isOwn ? undefined : { kind: 'delay', delayMs, medianMs: quantileOf(bins, 0.5) };
}

function findSteps(bins: readonly Bin[]): TimerQuantum | undefined {
  for (const quantumMs of QUANTA_MS) {
    const { length, phase } = meanDirection(bins, quantumMs);
    if (length < LEAST_CONCENTRATION) continue;
    const teeth = longestRow(occupiedTeeth(bins, quantumMs, phase));
    if (teeth >= LEAST_TEETH) return { kind: 'steps', quantumMs, teeth };
  }
  return undefined;
}

/** Length (0 to 1) and phase (in ms, from −quantum / 2) of the mean of the samples' directions on a circle of one quantum. */
function meanDirection(bins: readonly Bin[], quantumMs: number): { length: number; phase: number } {
  let x = 0;
  let y = 0;
  for (const { ms, count } of bins) {
    const angle = (2 * Math.PI * ms) / quantumMs;
    x += count * Math.cos(angle);
    y += count * Math.sin(angle);
  }
  return {
    length: Math.hypot(x, y) / total(bins),
    phase: (Math.atan2(y, x) / (2 * Math.PI)) * quantumMs,
  };
}

/** Numbers of the steps that hold their share of the samples, ascending. */
function occupiedTeeth(bins: readonly Bin[], quantumMs: number, phase: number): number[] {
  const counts = new Map<number, number>();
  for (const { ms, count } of bins) {
    const tooth = Math.round((ms - phase) / quantumMs);
    counts.set(tooth, (counts.get(tooth) ?? 0) + count);
  }
  const least = LEAST_SHARE_OF_TOOTH * total(bins);
  return [...counts].filter(([, count]) => count >= least).map(([tooth]) => tooth);
}

/** Length of the longest row of numbers that follow each other; they ascend. */
function longestRow(teeth: readonly number[]): number {
  let longest = 0;
  let row = 0;
  for (const [index, tooth] of teeth.entries()) {
    row = index > 0 && tooth === (teeth[index - 1] ?? 0) + 1 ? row + 1 : 1;
    longest = Math.max(longest, row);
  }
  return longest;
}
