import type { MetricUnit } from '../measure/catalogue.js';

const MILLISECONDS = { us: 1e-3, µs: 1e-3, ms: 1, s: 1e3, min: 6e4 };
const SECONDS = { us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, min: 60 };
const BYTES = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** What may stand behind a number, by the metric's unit, and what it multiplies by; '' is no suffix. */
const SUFFIXES: Readonly<Record<MetricUnit, Readonly<Record<string, number>>>> = {
  ms: MILLISECONDS,
  s: SECONDS,
  bytes: BYTES,
  '1/s': { '': 1, '/s': 1 },
  count: { '': 1 },
};

/** `amount` with its suffix in the metric's unit; undefined when the suffix isn't one of the unit's. */
export function quantity(amount: number, suffix: string, unit: MetricUnit): number | undefined {
  const factors = SUFFIXES[unit];
  return Object.hasOwn(factors, suffix) ? amount * (factors[suffix] ?? Number.NaN) : undefined;
}

/** What may stand behind a number, in words for an error: `us, ms, s or min`. */
export function suffixesOf(unit: MetricUnit): string {
  const suffixes = Object.keys(SUFFIXES[unit]).filter((suffix) => suffix !== '' && suffix !== 'µs');
  return suffixes.length === 0 ? 'no unit' : suffixes.join(', ').replace(/, ([^,]+)$/, ' or $1');
}

/** A value for people: three significant digits and the unit that keeps the number short. */
export function formatQuantity(value: number, unit: MetricUnit): string {
  switch (unit) {
    case 'ms':
      return scaled(value, [
        ['s', 1e3],
        ['ms', 1],
        ['µs', 1e-3],
      ]);
    case 's':
      return scaled(value, [
        ['s', 1],
        ['ms', 1e-3],
      ]);
    case 'bytes':
      return scaled(value, [
        ['GiB', 2 ** 30],
        ['MiB', 2 ** 20],
        ['KiB', 2 ** 10],
        ['B', 1],
      ]);
    case '1/s':
      return `${rounded(value)}/s`;
    case 'count':
      return String(value);
  }
}

function scaled(value: number, units: readonly (readonly [string, number])[]): string {
  const fitting = units.find(([, size]) => Math.abs(value) >= size) ?? units.at(-1);
  return fitting ? `${rounded(value / fitting[1])} ${fitting[0]}` : String(value);
}

function rounded(value: number): string {
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
