import type { WireLine } from '../../harness/conformance/probes/wire-record.js';
import { TRACE_FORMAT, type TraceHeader } from '../../harness/trace/index.js';

const ENDED = /^ended by the (client|relay): (.*)$/s;

/** What was kept of a conversation. */
export interface Recorded {
  readonly lines: readonly WireLine[];
  /** How many lines there were before those. */
  readonly leftOut: number;
}

/** A conversation in the format of docs/traces.md. */
export function traceText(header: Omit<TraceHeader, 'format'>, { lines, leftOut }: Recorded): string {
  const records = [
    { format: TRACE_FORMAT, ...header },
    ...(leftOut > 0 ? [{ atMs: lines[0]?.atMs ?? 0, direction: 'left-out', messages: leftOut }] : []),
    ...lines.flatMap(recordOf),
    { atMs: lines.at(-1)?.atMs ?? 0, direction: 'end' },
  ];
  return `${records.map((record) => JSON.stringify(record)).join('\n')}\n`;
}

function recordOf({ atMs, connection, direction, text, bytes }: WireLine): readonly object[] {
  if (direction !== 'note') return [{ atMs, connection, direction, ...(bytes ? { bytes } : { text }) }];
  if (text === 'connected') return [{ atMs, connection, direction: 'opened' }];
  const [, by, detail] = ENDED.exec(text) ?? [];
  return by === undefined ? [] : [{ atMs, connection, direction: 'closed', by, detail }];
}
