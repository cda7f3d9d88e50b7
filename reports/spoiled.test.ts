import { expect, test } from 'vitest';
import { sampleResults } from '../tests/sample-results.js';
import { renderHtml } from './html/render.js';
import { overviewRows } from './overview.js';

test('a spoiled figure is marked, and only that', () => {
  const results = sampleResults();
  const [first, second] = results.relays.map(({ name }) => name);
  const warnings = [
    { code: 'delayed-ack', text: 'the timer', spoils: [`${first}:req.eose`, `${second}:req.ttfe.p50`] },
  ];
  const rows = overviewRows({ ...results, warnings });
  const marks = (label: string) =>
    rows.find((row) => row.label === label)?.cells.map((cell) => cell.includes('!'));
  expect(marks('EOSE p50')?.slice(0, 2)).toEqual([true, false]);
  expect(marks('EOSE p90')?.slice(0, 2)).toEqual([true, false]);
  expect(marks('first event p50')?.slice(0, 2)).toEqual([false, true]);
  expect(marks('first event p90')?.slice(0, 2)).toEqual([false, false]);
  expect(marks('memory (RSS) peak')).not.toContain(true);
});

test('HTML marks the figures that the terminal marks, one by one, and the floor like any other', () => {
  const results = sampleResults({ comparisons: [], gates: [] });
  const marked = (spoils: string[]) => {
    const html = renderHtml({ ...results, warnings: [{ code: 'delayed-ack', text: 'the timer', spoils }] });
    const table = html.split('aria-label="Figures: time to EOSE"')[1]?.split('</table>')[0] ?? '';
    const rows = table.split('<tr').slice(2, 2 + results.relays.length);
    return rows.map((row) => row.split('<td>').map((cell) => cell.includes('spoiled-by')));
  };
  const [relay, p50, p90, overFloor] = [0, 1, 2, 6];
  const byTail = marked(['streaming:req.eose.p90']);
  expect([relay, p50, p90, overFloor].map((cell) => byTail[0]?.[cell])).toEqual([false, false, true, false]);
  const byFloor = marked(['null']);
  expect(byFloor[2]?.slice(1, 5)).toEqual([true, true, true, true]);
  // Differences from a spoiled floor are spoiled.
  expect([p50, overFloor].map((cell) => byFloor[0]?.[cell])).toEqual([false, true]);
});

test('a load generator at its limit spoils every latency of the relay, one that was late for a moment their tails', () => {
  const results = sampleResults();
  const { perRelay, ...generator } = results.harness;
  const rows = (state: { bound?: boolean; tailBound?: boolean }) =>
    overviewRows({
      ...results,
      harness: { ...generator, perRelay: perRelay.map((one) => ({ ...one, ...state })) },
    });
  const marks = (state: { bound?: boolean; tailBound?: boolean }, label: string) =>
    rows(state)
      .find((row) => row.label === label)
      ?.cells.map((cell) => cell.includes('!'));
  expect(marks({ bound: true }, 'EOSE p50')).toEqual([true, true, false]);
  expect(marks({ tailBound: true }, 'EOSE p50')).toEqual([false, false, false]);
  expect(marks({ tailBound: true }, 'EOSE p99')).toEqual([true, true, false]);
  expect(marks({ bound: true }, 'memory (RSS) peak')).not.toContain(true);
});
