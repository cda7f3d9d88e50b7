import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../harness/package.js';
import { readResults, scratchFolder } from './reqbench.js';

const OWN_SCENARIO = `
name: mine
corpus: { generate: { events: 100, authors: 10 } }
rounds: 1
phases: [{ name: steady, arrivals: { closed: { clients: 2 } } }]
clients: { reader: { script: [connect, { req: { filters: [{ kinds: [1], limit: 10 }] } }] } }
`;

test('what npm pack makes installs into an empty folder and runs there', () => {
  const folder = scratchFolder();
  const npm = (args: string[]): string =>
    execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
      cwd: PACKAGE_ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  ) as { filename: string }[];
  npm(['init', '-y']);
  npm(['install', '--prefer-offline', join(folder, packed?.filename ?? '')]);
  writeFileSync(join(folder, 'mine.yaml'), OWN_SCENARIO);

  npm([
    'exec',
    '--',
    'reqbench',
    'run',
    'first-look',
    '--rounds',
    '1',
    '--out',
    'packaged',
    '--not-measurable',
    'pass',
  ]);
  expect(readResults(join(folder, 'packaged')).complete).toBe(true);

  npm(['exec', '--', 'reqbench', 'run', 'mine.yaml', '--out', 'own']);
  expect(readResults(join(folder, 'own')).relays.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok']);

  const exported = execFileSync(
    process.execPath,
    ['--input-type=module', '-e', "console.log(Object.keys(await import('reqbench/results')).join())"],
    { cwd: folder, encoding: 'utf8' },
  );
  expect(exported).toContain('resultsSchema');
}, 240_000);
