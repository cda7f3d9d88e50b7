import type { WireLine } from '../../harness/conformance/probes/wire-record.js';
import { MOST_KEPT } from '../../harness/conformance/probes/wire-record.js';
import { TRACE_FORMAT, type TraceHeader } from '../../harness/trace/index.js';

const ENDED = /^ended by the (client|relay): (.*)$/s;

/** A conversation in the format of docs/traces.md. */
export function traceText(header: Omit<TraceHeader, 'format'>, lines: readonly WireLine[]): string {
  const last = lines.at(-1)?.atMs ?? 0;
  const records = [
    { format: TRACE_FORMAT, ...header },
    ...lines.flatMap(recordOf),
    { atMs: last, direction: 'end' },
  ];
  return `${records.map((record) => JSON.stringify(record)).join('\n')}\n`;
}

function recordOf({ atMs, connection, direction, text }: WireLine): readonly object[] {
  if (direction !== 'note') {
    if (text.length < MOST_KEPT) return [{ atMs, connection, direction, text }];
    return direction === 'got' ? [{ atMs, connection, direction, bytes: text.length }] : [];
  }
  if (text === 'connected') return [{ atMs, connection, direction: 'opened' }];
  const [, by, detail] = ENDED.exec(text) ?? [];
  return by === undefined ? [] : [{ atMs, connection, direction: 'closed', by, detail }];
}
