import { parsedString } from './filters.js';
import { BANDWIDTH_PATTERN, parseBytesPerS } from './quantities.js';

/** `64kB/s`, `1.5MB/s`; gives bytes per second. */
export const bandwidth = parsedString((text) => {
  const bytesPerS = parseBytesPerS(text);
  return bytesPerS === undefined
    ? { problem: `"${text}" is no bandwidth from 100B/s; write 64kB/s or 1.5MB/s` }
    : { value: bytesPerS };
}).meta({ pattern: BANDWIDTH_PATTERN.source });
