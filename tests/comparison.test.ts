import { describe, expect, test } from 'vitest';
import type { Results } from '../harness/results.js';
import { comparisonText } from '../scripts/comparison/text.js';
import { conformance, sampleResults } from './sample-results.js';
import { hostileResults } from './troubled-results.js';

/** The row of a relay in the table that follows a heading. */
function row(results: Results, heading: string, relay: string): string {
  const text = comparisonText({
    played: [{ name: results.scenario.name, results }],
    relays: ['streaming', 'batched'],
    leftOut: ['strfry: its program is not here'],
    seconds: 60,
  });
  const after = text.slice(text.indexOf(`## ${heading}\n`));
  return after.split('\n').find((line) => line.startsWith(`| ${relay} `)) ?? '';
}

describe('the page that compares relays', () => {
  test('has the main figure of each relay at a glance, without a mark where nothing stands against it', () => {
    expect(row(sampleResults(), 'At a glance', 'streaming')).toMatch(
      /^\| streaming \| \d[\d.]* ms \| – \| {2}\|$/,
    );
  });

  test('marks a relay that failed a check, wherever its figures stand', () => {
    const results = sampleResults();
    const relays = results.relays.map((relay) =>
      relay.name === 'batched'
        ? {
            ...relay,
            work: { judged: 50, equal: 48 },
            conformance: conformance({ 'nip01/req/stored-set': { result: 'failed', failedCases: 2 } }),
          }
        : relay,
    ) as Results['relays'];
    const wrong = { ...results, relays };
    expect(row(wrong, 'At a glance', 'batched')).toMatch(
      / ms ✗ \| 48 of 50 REQs \| nip01\/req\/stored-set \|$/,
    );
    expect(row(wrong, 'first-look', 'batched')).toMatch(
      /^\| batched ✗ .* 48 of 50 \| nip01\/req\/stored-set failed \(2×\) \|$/,
    );
    expect(row(wrong, 'At a glance', 'streaming')).not.toContain('✗');
  });

  test('marks the figure that a warning spoils, and no other', () => {
    const warning = { code: 'timer-quantum', text: 'a timer', spoils: ['streaming:req.eose'] };
    const doubted = sampleResults({ warnings: [warning] });
    expect(row(doubted, 'At a glance', 'streaming')).toMatch(/^\| streaming \| [\d.]+ ms ~ \|/);
    expect(row(doubted, 'first-look', 'streaming')).toMatch(
      /^\| streaming \| [\d.]+ ms \| [\d.]+ ms ~ \| [\d.]+ ms ~ \|.*timer-quantum \|$/,
    );
    expect(row(doubted, 'At a glance', 'batched')).not.toContain('~');
  });

  test('shows what a relay says as text', () => {
    const text = comparisonText({
      played: [{ name: 'first-look', results: hostileResults() }],
      relays: [],
      leftOut: [],
      seconds: 1,
    });
    for (const harmful of ['<script>', '<img', '\u001b', '\u202e', '](http'])
      expect(text).not.toContain(harmful);
  });
});
