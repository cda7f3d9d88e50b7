import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createProgress, type ProgressEvent } from './progress.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const part = (round: number, relay: string, index: number): ProgressEvent => ({
  kind: 'part',
  round,
  rounds: 2,
  relay,
  part: index,
  parts: 4,
});
const load: ProgressEvent = {
  kind: 'load',
  phase: 'steady',
  elapsedMs: 300,
  ofMs: 500,
  requests: 412,
  failed: 0,
};

function shownBy(
  options: { interactive: boolean; silent?: boolean },
  events: readonly [atMs: number, ProgressEvent][],
) {
  const stream = new PassThrough();
  let atMs = 0;
  const progress = createProgress(stream, { color: false, now: () => atMs, ...options });
  for (const [at, event] of events) {
    atMs = at;
    progress.show(event);
    vi.advanceTimersByTime(100);
  }
  progress.end();
  progress.show({ kind: 'notice', text: 'after the end' });
  return String(stream.read() ?? '');
}

const run: readonly [number, ProgressEvent][] = [
  [0, { kind: 'preparing', what: 'signing events', done: 1, of: 2000 }],
  [900, { kind: 'preparing', what: 'signing events', done: 900, of: 2000 }],
  [1000, part(1, 'streaming', 1)],
  [1500, load],
  [3000, part(1, 'batched', 2)],
  [5000, part(2, 'batched', 3)],
  [5100, { kind: 'notice', text: 'batched died\u001b[2J' }],
];

test('without a terminal it writes one line a round, and notices', () => {
  expect(shownBy({ interactive: false }, run)).toBe(
    'signing events\nround 1/2\nround 2/2 · about 4 s left\nbatched died\\x1b[2J\n',
  );
});

test('in a terminal it shows round, relay, load and the time that is left', () => {
  const text = shownBy({ interactive: true }, [...run.slice(0, 5), [3000, load]]);
  expect(text).toContain('signing events · 1 of 2000');
  expect(text).toContain('round 1/2 · batched · steady · 0.3 s of 0.5 s · 412 REQ · 0 failed · about');
});

test('in a terminal, text of a relay does not steer it, and a notice stays', () => {
  const text = shownBy({ interactive: true }, [[0, part(1, 'x\u001b]0;owned\u0007', 1)], ...run.slice(-1)]);
  expect(text).toContain('x\\x1b]0;owned\\x07');
  expect(text).toContain('batched died\\x1b[2J\n');
});

test('silent writes nothing', () => {
  expect(shownBy({ interactive: true, silent: true }, run)).toBe('');
});

test('after the end nothing is shown', () => {
  expect(shownBy({ interactive: false }, run)).not.toContain('after the end');
});
