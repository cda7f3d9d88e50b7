import { expect, test } from 'vitest';
import { type CpuProfile, summarise } from './self-times.js';

const frame = (functionName: string, url = '', lineNumber = -1) => ({ functionName, url, lineNumber });

const PROFILE: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(idle)') },
    { id: 2, callFrame: frame('scan', 'file:///somewhere/dist/relays/store/memory-store.js', 40) },
    // The same function under another caller.
    { id: 3, callFrame: frame('scan', 'file:///somewhere/dist/relays/store/memory-store.js', 40) },
    { id: 4, callFrame: frame('', 'node:net', 9) },
    { id: 5, callFrame: frame('(garbage collector)') },
    { id: 6, callFrame: frame('dispatch') },
  ],
  startTime: 0,
  endTime: 10_000,
  samples: [6, 1, 2, 3, 4, 1, 5],
  timeDeltas: [20_000, 4_000, 1_000, 2_000, 1_500, 1_000, 500],
};

test('samples are added up by function, whoever called it, without the idle time and the profiler’s own', () => {
  const { durationMs, idle, functions } = summarise(PROFILE);
  expect(durationMs).toBe(10);
  expect(idle).toBe(0.5);
  expect(functions).toEqual([
    { name: 'scan', place: 'store/memory-store.js:41', ms: 3, share: 0.6 },
    { name: '(anonymous)', place: 'node:net:10', ms: 1.5, share: 0.3 },
    { name: '(garbage collector)', place: '', ms: 0.5, share: 0.1 },
  ]);
});

test('a profile without samples has nothing to say', () => {
  expect(summarise({ ...PROFILE, samples: [], timeDeltas: [] })).toEqual({
    durationMs: 0,
    idle: 0,
    functions: [],
  });
});
