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

const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  KiB: 1024,
  MiB: 1024 ** 2,
};

/** A bandwidth: `64kB/s`, `1.5MB/s`, `512KiB/s`. */
export const BANDWIDTH_PATTERN = new RegExp(`^(${NUMBER})(B|kB|MB|KiB|MiB)/s$`);

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

/** Bytes per second of a bandwidth of at least 100 B/s, or undefined when the text isn't one. */
export function parseBytesPerS(text: string): number | undefined {
  const parts = BANDWIDTH_PATTERN.exec(text);
  if (!parts) return undefined;
  const bytesPerS = Number(parts[1]) * (BYTES_PER_UNIT[parts[2] ?? ''] ?? Number.NaN);
  return bytesPerS >= 100 ? bytesPerS : undefined;
}

/** A duration for people: `500 ms`, `2.5 s`, `4 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${round(ms)} ms`;
  return ms < 120_000 ? `${round(ms / 1_000)} s` : `${round(ms / 60_000)} min`;
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)));
}
