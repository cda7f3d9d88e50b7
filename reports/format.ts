/** Figures as people read them: three significant digits, the unit that fits, spaces that don't break. */

/** Stands for a figure that wasn't measured or that the contract doesn't print. */
export const ABSENT = '–';

const NBSP = '\u00a0';
const SIGNIFICANT = new Intl.NumberFormat('en-US', {
  minimumSignificantDigits: 3,
  maximumSignificantDigits: 3,
});
const SHORT = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });
const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

const THOUSANDTHS = new Intl.NumberFormat('en-US', { minimumFractionDigits: 3, maximumFractionDigits: 3 });

/** Three significant digits, and never more than three decimals, so that columns can be compared. */
function significant(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 1000) return WHOLE.format(value);
  return (magnitude >= 1 ? SIGNIFICANT : THOUSANDTHS).format(value);
}

interface Scale {
  /** From this magnitude on, in the unit of results.json. */
  readonly from: number;
  readonly size: number;
  readonly name: string;
}

function scaled(value: number, scales: readonly [Scale, ...Scale[]]): string {
  const magnitude = Math.abs(value);
  const { size, name } = scales.find(({ from }) => magnitude >= from) ?? scales[0];
  return `${significant(value / size)}${NBSP}${name}`;
}

const BYTES: readonly [Scale, ...Scale[]] = [
  { from: 1024 ** 3, size: 1024 ** 3, name: 'GiB' },
  { from: 1024 ** 2, size: 1024 ** 2, name: 'MiB' },
  { from: 1024, size: 1024, name: 'KiB' },
  { from: 0, size: 1, name: 'B' },
];

const MILLISECONDS: readonly [Scale, ...Scale[]] = [
  { from: 1000, size: 1000, name: 's' },
  { from: 0.01, size: 1, name: 'ms' },
  { from: 0, size: 0.001, name: 'µs' },
];

const SECONDS: readonly [Scale, ...Scale[]] = [
  { from: 1, size: 1, name: 's' },
  { from: 0, size: 0.001, name: 'ms' },
];

/** A value in a unit of results.json (`ms`, `bytes`, `s`, `1/s`, `count`) in the unit that reads best. */
export function formatValue(value: number | null | undefined, unit: string): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return ABSENT;
  if (value === 0 && unit !== 'count')
    return `0${NBSP}${unit === 'bytes' ? 'B' : unit === '1/s' ? '/s' : unit}`;
  if (unit === 'ms') return scaled(value, MILLISECONDS);
  if (unit === 's') return scaled(value, SECONDS);
  if (unit === 'bytes') return scaled(value, BYTES);
  if (unit === '1/s') return `${significant(value)}${NBSP}/s`;
  return unit === 'count' ? WHOLE.format(value) : `${significant(value)}${NBSP}${unit}`;
}

/** Like {@link formatValue}, with a sign. */
export function formatDifference(value: number | null | undefined, unit: string): string {
  const text = formatValue(value, unit);
  if (value === null || value === undefined || text === ABSENT || value === 0) return text;
  return value > 0 ? `+${text}` : text.replace('-', '−');
}

/** A count with thousands separated. */
export function formatCount(value: number): string {
  return WHOLE.format(value);
}

/** A ratio with up to two decimals: `1.8`, `0.98`, `12`. */
export function formatRatio(ratio: number): string {
  if (ratio >= 10) return SHORT.format(ratio);
  return ratio.toFixed(ratio >= 1.1 || ratio <= 0.9 ? 1 : 2).replace(/^0\.0$/, ratio.toPrecision(1));
}

/** A share as a percentage: `7 %`. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  return `${Math.abs(percent) < 10 ? SHORT.format(Number(percent.toFixed(1))) : WHOLE.format(percent)}${NBSP}%`;
}

/** `1 check`, `2 checks`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)}${NBSP}${count === 1 ? one : many}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}
