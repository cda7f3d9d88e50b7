import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cpuProfileSchema, summarise } from '../profile/self-times.js';
import { reqbench, scenarioFile, scratchFolder } from './reqbench.js';

const SCENARIO = `
name: profiled
corpus: { generate: { events: 300, authors: 30 } }
phases:
  - { name: warm-up, arrivals: { closed: { clients: 2, iterations: 3 } }, measure: false }
  - { name: steady, duration: 1s, arrivals: { constant: 100/s } }
clients:
  reader:
    script: [connect, { req: { filters: [{ kinds: [1], limit: 50 }] } }]
`;

test('cpu: a profile of the measured window, with the relay’s own functions in it', async () => {
  const out = join(scratchFolder(), 'out');
  const scenario = scenarioFile(SCENARIO);
  const { code, stdout, stderr } = await reqbench(['profile', scenario, '--relay', 'batched', '--out', out]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const profile = cpuProfileSchema.parse(JSON.parse(readFileSync(join(out, 'batched.cpuprofile'), 'utf8')));
  const { durationMs, functions } = summarise(profile);
  // The window is a second long; the corpus was read and the relay warmed up before it.
  expect(durationMs).toBeGreaterThan(500);
  expect(functions.some(({ place }) => place.startsWith('batched/'))).toBe(true);
  expect(functions.some(({ place }) => place.startsWith('store/preload'))).toBe(false);
  expect(stdout).toContain('self time');
  expect(stdout).toContain('batched.cpuprofile');
}, 60_000);

test.each(['doctor', 'flame'])(
  '%s: what is not installed is asked for, before anything runs',
  async (tool) => {
    const out = join(scratchFolder(), 'out');
    const { code, stderr } = await reqbench(['profile', 'first-look', '--tool', tool, '--out', out]);
    expect(stderr).toContain(`npm install --save-dev @clinic/${tool}`);
    expect(code).toBe(2);
  },
);

test('a relay that is not one of reqbench’s own can’t be profiled', async () => {
  const { code, stderr } = await reqbench(['profile', 'first-look', '--relay', 'strfry']);
  expect(stderr).toMatch(/streaming, batched/);
  expect(code).toBe(2);
});

test('a scenario that is not there leaves no folder behind', async () => {
  const out = join(scratchFolder(), 'out');
  const { code, stderr } = await reqbench(['profile', 'no-such-scenario', '--out', out]);
  expect(stderr).toContain('no-such-scenario');
  expect(code).toBe(2);
  expect(existsSync(out)).toBe(false);
});
