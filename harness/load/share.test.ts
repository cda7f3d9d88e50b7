import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WorkloadSession } from '../scenario/workload.js';
import { sessionsOf, WHOLE } from './share.js';

function session(client: string, phase: number, startUs: number): WorkloadSession {
  return { client, phase, startUs, secretKey: '', steps: [] };
}

const anySession = fc
  .tuple(fc.constantFrom('reader', 'writer', 'listener'), fc.nat(2), fc.nat(1_000_000))
  .map(([client, phase, startUs]) => session(client, phase, startUs));

test('every session is in the share of exactly one worker, in the order of the plan', () => {
  fc.assert(
    fc.property(fc.array(anySession), fc.integer({ min: 1, max: 7 }), (sessions, of) => {
      const shares = Array.from({ length: of }, (_, index) => sessionsOf(sessions, { index, of }));
      expect(new Set(shares.flat())).toEqual(new Set(sessions));
      expect(shares.flat()).toHaveLength(sessions.length);
      for (const share of shares) expect(share).toEqual(sessions.filter((one) => share.includes(one)));
    }),
  );
});

test('each worker gets as many clients of a kind as the others, or one less', () => {
  const sessions = Array.from({ length: 30 }, (_, n) => session(n % 2 === 0 ? 'reader' : 'writer', 0, n));
  for (const index of [0, 1, 2, 3]) {
    const kinds = sessionsOf(sessions, { index, of: 4 }).map(({ client }) => client);
    for (const kind of ['reader', 'writer']) {
      const count = kinds.filter((one) => one === kind).length;
      expect(count === 3 || count === 4).toBe(true);
    }
  }
});

test('a worker that is alone plays everything', () => {
  const sessions = [session('reader', 0, 0), session('reader', 1, 0)];
  expect(sessionsOf(sessions, WHOLE)).toBe(sessions);
});
