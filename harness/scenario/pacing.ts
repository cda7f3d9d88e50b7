import { z } from 'zod';
import { bandwidth } from './bandwidth.js';
import { duration } from './durations.js';
import { strict } from './strict.js';

/** A wait that is drawn anew every time. */
export type Pause =
  | { readonly spread: 'exponential'; readonly meanMs: number }
  | { readonly spread: 'uniform'; readonly fromMs: number; readonly toMs: number };

/** How fast a client reads, in bytes per second; 0: not at all. */
export type ReadRate = number | 'full';

/** The setting of `think`: a mean, or both ends of a range. */
export const pause = z
  .union([
    duration.transform((meanMs): Pause => ({ spread: 'exponential', meanMs })),
    strict({
      from: duration.describe('The shortest pause.'),
      to: duration.describe('The longest pause.'),
    })
      .refine(({ from, to }) => from < to, { error: '`from` has to be shorter than `to`' })
      .transform(({ from, to }): Pause => ({ spread: 'uniform', fromMs: from, toMs: to })),
  ])
  .describe('A mean (2s: exponentially distributed), or a range ({from: 1s, to: 3s}: uniformly).');

/** The setting of `slow-read`. */
export const readRate = z
  .union([
    z.enum(['stop', 'full']).transform((word): ReadRate => (word === 'stop' ? 0 : 'full')),
    bandwidth.transform((bytesPerS): ReadRate => bytesPerS),
  ])
  .describe('How fast: 64kB/s, `stop`, or `full` for as fast as it can.');

/** How long a {@link Pause} is on average, in ms. */
export function meanPauseMs(given: Pause): number {
  return given.spread === 'exponential' ? given.meanMs : (given.fromMs + given.toMs) / 2;
}
