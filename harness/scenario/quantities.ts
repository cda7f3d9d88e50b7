/** Durations and rates as scenario files write them. */

const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const NUMBER = '\\d+(?:\\.\\d+)?';

/** A duration: `500ms`, `2s`, `1.5m`, `1h`, `7d`. */
export const DURATION_PATTERN = new RegExp(`^(${NUMBER})(ms|s|m|h|d)$`);

/** A rate: `20/s`, `0.5/s`, `30/m`. */
export const RATE_PATTERN = new RegExp(`^(${NUMBER})/(s|m|h)$`);

/** Milliseconds of a duration, or undefined when the text isn't one. */
export function parseDurationMs(text: string): number | undefined {
  const parts = DURATION_PATTERN.exec(text);
  return parts ? Number(parts[1]) * (MS_PER_UNIT[parts[2] ?? ''] ?? Number.NaN) : undefined;
}

/** Events per second of a rate above zero, or undefined when the text isn't one. */
export function parseRatePerS(text: string): number | undefined {
  const parts = RATE_PATTERN.exec(text);
  if (!parts) return undefined;
  const perS = (Number(parts[1]) * 1_000) / (MS_PER_UNIT[parts[2] ?? ''] ?? Number.NaN);
  return perS > 0 ? perS : undefined;
}

/** A duration for people: `500 ms`, `2.5 s`, `4 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${round(ms)} ms`;
  return ms < 120_000 ? `${round(ms / 1_000)} s` : `${round(ms / 60_000)} min`;
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)));
}
