import { z } from 'zod';
import { duration } from './durations.js';
import { parsedString } from './filters.js';
import { parseRatePerS, RATE_PATTERN } from './quantities.js';
import { strict } from './strict.js';

/** When things of an open loop start: by a schedule that no answer can change. Rates are per second. */
export type OpenArrivals =
  /** At even distances, or as a Poisson process. */
  | { readonly process: 'constant' | 'poisson'; readonly perS: number }
  /** The rate grows or falls in a straight line over the whole schedule. */
  | {
      readonly process: 'ramp';
      readonly fromPerS: number;
      readonly toPerS: number;
      readonly spacing: 'poisson' | 'even';
    }
  /** So many at once, the first time at the beginning. */
  | { readonly process: 'burst'; readonly size: number; readonly everyMs: number };

/** `20/s`, as events a second. */
export const rate = parsedString((text) => {
  const perS = parseRatePerS(text);
  return perS === undefined
    ? { problem: `"${text}" is no rate above zero; write 20/s or 30/m` }
    : { value: perS };
}).meta({ pattern: RATE_PATTERN.source });

/** An end of a ramp may be nothing at all. */
const rampEnd = parsedString((text) => {
  const perS = /^0(\.0+)?\/[smh]$/.test(text) ? 0 : parseRatePerS(text);
  return perS === undefined ? { problem: `"${text}" is no rate; write 20/s, 30/m or 0/s` } : { value: perS };
}).meta({ pattern: RATE_PATTERN.source });

const ramp = strict({
  from: rampEnd.describe('The rate at the beginning: 10/s; it may be 0/s.'),
  to: rampEnd.describe('The rate at the end: 200/s.'),
  spacing: z
    .enum(['poisson', 'even'])
    .default('poisson')
    .describe('`poisson`: independently of each other. `even`: each as far from the next as the rate says.'),
}).check((context) => {
  const { from, to } = context.value;
  if (context.issues.length > 0 || from > 0 || to > 0) return;
  context.issues.push({ code: 'custom', input: context.value, message: 'a ramp from 0/s to 0/s is nothing' });
});

const burst = strict({
  size: z.int().min(1).max(100_000).describe('How many start at once.'),
  every: duration
    .refine((ms) => ms > 0, { error: 'bursts need time between them: 2s' })
    .describe('Time from one burst to the next: 2s.'),
});

/** The keys by which a scenario file says {@link OpenArrivals}; exactly one is given. */
export const OPEN_ARRIVALS = {
  constant: rate.optional().describe('At even distances: 20/s.'),
  poisson: rate.optional().describe('As a Poisson process, as independent users come: 20/s.'),
  ramp: ramp.optional().describe('At a rate that changes in a straight line: {from: 10/s, to: 200/s}.'),
  burst: burst.optional().describe('Many at once, again and again: {size: 50, every: 2s}.'),
};

type Given = { readonly [Key in keyof typeof OPEN_ARRIVALS]?: z.output<(typeof OPEN_ARRIVALS)[Key]> };

/** The arrivals that the keys of {@link OPEN_ARRIVALS} describe; undefined when none is given. */
export function openArrivals({ constant, poisson, ramp, burst }: Given): OpenArrivals | undefined {
  if (constant !== undefined) return { process: 'constant', perS: constant };
  if (poisson !== undefined) return { process: 'poisson', perS: poisson };
  if (ramp) {
    return { process: 'ramp', fromPerS: ramp.from, toPerS: ramp.to, spacing: ramp.spacing };
  }
  return burst && { process: 'burst', size: burst.size, everyMs: burst.every };
}

/** How many start within `durationMs`; the expected value where that is random. */
export function expectedArrivals(arrivals: OpenArrivals, durationMs: number): number {
  switch (arrivals.process) {
    case 'constant':
    case 'poisson':
      return (arrivals.perS * durationMs) / 1_000;
    case 'ramp':
      return ((arrivals.fromPerS + arrivals.toPerS) / 2) * (durationMs / 1_000);
    case 'burst':
      return arrivals.size * Math.ceil(durationMs / arrivals.everyMs);
  }
}

/** Whether the times are those of independent clients, so that their kinds are to be drawn as well. */
export function areIndependent(arrivals: OpenArrivals): boolean {
  return arrivals.process === 'poisson' || (arrivals.process === 'ramp' && arrivals.spacing === 'poisson');
}
