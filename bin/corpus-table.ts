import Table from 'cli-table3';
import type { CorpusDescription, DescribedEvent } from '../harness/corpus/describe.js';

const KIND_NAMES: Readonly<Record<number, string>> = {
  0: 'profile',
  1: 'note',
  3: 'follow list',
  4: 'encrypted message',
  5: 'deletion',
  6: 'repost',
  7: 'reaction',
  42: 'channel message',
  1059: 'gift wrap',
  1063: 'file metadata',
  1984: 'report',
  9735: 'zap receipt',
  10002: 'relay list',
  30023: 'article',
  30078: 'application data',
};

/** A description as a person reads it: facts, then the kinds. */
export function corpusTable(description: CorpusDescription): string {
  return `${facts(description)}\n\n${kinds(description)}\n`;
}

function facts(description: CorpusDescription): string {
  const { bytes } = description;
  const rows = [
    ['file', printable(description.file)],
    ['fingerprint', description.fingerprint],
    [
      'events',
      `${count(description.events)}, of which ${count(description.replaced)} are replaced by newer versions`,
    ],
    ['authors', count(description.authors)],
    ['time', `${time(description.oldestS)} to ${time(description.newestS)}`],
    ['epoch', time(description.epochS)],
    ['size', `${count(bytes.total)} bytes; median event ${count(bytes.median)}`],
    ['largest', event(description.largestEvent)],
    ['most tags', event(description.mostTags)],
  ];
  if (description.ephemeral > 0)
    rows.push(['ephemeral', `${count(description.ephemeral)}, which relays don't store`]);
  return rows.map(([name = '', text = '']) => `${name.padEnd(12)} ${text}`).join('\n');
}

function kinds({ kinds, events }: CorpusDescription): string {
  const table = new Table({
    head: ['kind', '', 'events', 'share', 'bytes', 'mean'],
    colAligns: ['right', 'left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const row of kinds) {
    const share = `${((100 * row.events) / events).toFixed(1)} %`;
    const mean = count(Math.round(row.bytes / row.events));
    table.push([row.kind, KIND_NAMES[row.kind] ?? '', count(row.events), share, count(row.bytes), mean]);
  }
  return table.toString();
}

function event({ position, id, kind, bytes, tags }: DescribedEvent): string {
  return `${count(bytes)} bytes, ${count(tags)} tags: kind ${kind} at position ${position}, ${id}`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** As ISO 8601 in UTC; the number where a file's time is beyond what a date can hold. */
function time(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace('.000Z', 'Z');
}

/** A file name may hold anything; control characters are shown, not obeyed. */
function printable(text: string): string {
  return text.replace(
    /\p{Cc}/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
