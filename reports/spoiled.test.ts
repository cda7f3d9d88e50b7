import { expect, test } from 'vitest';
import { sampleResults } from '../tests/sample-results.js';
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
