import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { CheckResult } from '../harness/results.js';
import { ConformView } from './conform-view.js';

const FAILED: CheckResult = {
  id: 'nip01/req/eose-once',
  level: 'MUST',
  title: 'A REQ is answered once',
  requirement:
    'A REQ gets one EOSE or CLOSED, and no other after it, whatever became of the filters. '.repeat(2),
  reference: 'NIP-01, From relay to client',
  result: 'failed',
  seen: 1,
  setAside: 0,
  failedCases: 1,
  failures: [
    {
      message: 'the subscription got a second EOSE '.repeat(4),
      excerpt: [{ atMs: 3, direction: 'got', text: `["EVENT","s1",{"content":"${'x'.repeat(400)}"}]` }],
    },
  ],
};

function shown(width: number): string[] {
  const stream = new PassThrough();
  const view = new ConformView(stream, [FAILED.id], { color: false, width });
  view.begin('mine');
  view.add(FAILED);
  return String(stream.read()).trimEnd().split('\n');
}

test.each([80, 120])('the evidence of a failure keeps to the %i columns of a terminal', (width) => {
  const lines = shown(width);
  expect(lines.filter((line) => line.length > width)).toEqual([]);
  expect(lines.join(' ').replace(/\s+/g, ' ')).toContain(FAILED.requirement.trim());
  expect(lines.at(-1)).toMatch(/^ {6} {6}3\.0 ms ← \["EVENT","s1",.*x…$/);
});
