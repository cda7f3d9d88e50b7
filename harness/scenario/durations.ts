import { parsedString } from './filters.js';
import { DURATION_PATTERN, parseDurationMs } from './quantities.js';

/** `500ms`, `2s`, `1m`; gives milliseconds. */
export const duration = parsedString((text) => {
  const ms = parseDurationMs(text);
  return ms === undefined
    ? { problem: `"${text}" is no duration; write 500ms, 2s, 1.5m or 1h` }
    : { value: ms };
}).meta({ pattern: DURATION_PATTERN.source });
