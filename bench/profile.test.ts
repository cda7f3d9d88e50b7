import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { profiled, topFunctions } from './profile.js';

test('shares are of the time that was not idle, by function and place', () => {
  const frame = (functionName: string, url: string) => ({ functionName, url, lineNumber: 9 });
  const profile = {
    nodes: [
      { id: 1, callFrame: frame('(idle)', '') },
      { id: 2, callFrame: frame('scan', 'file:///x/dist/relays/store/scan.js') },
      { id: 3, callFrame: frame('scan', 'file:///x/dist/relays/store/scan.js') },
      { id: 4, callFrame: frame('', '') },
    ],
    samples: [1, 2, 3, 4],
    timeDeltas: [1_000, 20, 40, 20],
  };
  expect(topFunctions(profile, 5)).toEqual([
    { name: 'scan', place: 'relays/store/scan.js:10', share: 0.75 },
    { name: '(anonymous)', place: 'native', share: 0.25 },
  ]);
  expect(topFunctions(profile, 1)).toHaveLength(1);
});

test('a process that was started as usual is profiled while work goes on', async () => {
  const source =
    'function spin(until) { while (Date.now() < until); } setInterval(() => spin(Date.now() + 20), 25); console.log("up")';
  const child = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    await once(child.stdout, 'data');
    const work = () => new Promise((resolve) => setTimeout(() => resolve('done'), 500));
    const { result, profile } = await profiled(child.pid ?? 0, work);
    expect(result).toBe('done');
    expect(topFunctions(profile, 20).map(({ name }) => name)).toContain('spin');
  } finally {
    child.kill('SIGKILL');
  }
});
