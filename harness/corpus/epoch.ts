import { InputError } from '../errors.js';
import { SECONDS_PER_DAY, SPECIFICATION_EPOCH_S } from './specification.js';

const DATE = /^\d{4}-\d{2}-\d{2}$/;
/** `created_at` keeps ten digits and fits 32 bits. */
const EARLIEST_S = Date.UTC(2002, 0, 1) / 1000;
const LATEST_S = Date.UTC(2106, 0, 1) / 1000;

/**
 * Unix seconds of an epoch: a date is its start in UTC, `today` that of the current UTC day, undefined the
 * specification's own date.
 * @throws InputError when the text is neither
 */
export function parseEpoch(text: string | undefined, nowMs: () => number = Date.now): number {
  if (text === undefined) return SPECIFICATION_EPOCH_S;
  if (text === 'today') return Math.floor(nowMs() / (SECONDS_PER_DAY * 1000)) * SECONDS_PER_DAY;
  const epochS = DATE.test(text) ? Date.parse(`${text}T00:00:00Z`) / 1000 : Number.NaN;
  const isRealDate = Number.isFinite(epochS) && new Date(epochS * 1000).toISOString().startsWith(text);
  if (isRealDate && epochS >= EARLIEST_S && epochS < LATEST_S) return epochS;
  throw new InputError([
    {
      message: `${JSON.stringify(text)} is not an epoch`,
      hint: 'write a date from 2002-01-01 to 2105-12-31, for example 2026-01-01, or today',
    },
  ]);
}
