/**
 * `npm run open-loop`: what an open loop and a closed one say of the same relay, which blocks for 1 s, once, in some 10 s of 500 REQ/s.
 * Writes the table of docs/method.md, in the place of the block that is marked there. Takes some 40 s.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { selectMetric } from '../harness/measure/assemble.js';
import { PACKAGE_ROOT } from '../harness/package.js';
import { resultsSchema } from '../harness/results.js';
import { writeMethodBlock } from './document-block.js';

const HEAD = `
corpus: { generate: { events: 20, authors: 5 } }
rounds: 1
compare: []
`;

/** When each REQ is due is known beforehand, and it counts from then. */
const OPEN = `name: open-loop${HEAD}
phases:
  - { name: steady, arrivals: { closed: { clients: 5 } } }
clients:
  reader:
    script:
      - connect
      - repeat: { every: { constant: 100/s }, for: 10s, do: [{ req: { as: lookup, filters: [{ ids: [$id] }] } }] }
`;

/** The same five clients, each of which asks anew when it was answered: while the relay is blocked nobody asks. */
const CLOSED = `name: closed-loop${HEAD}
phases:
  - { name: steady, arrivals: { closed: { clients: 5, iterations: 1000 } } }
clients:
  reader:
    script:
      - connect
      - req: { as: lookup, filters: [{ ids: [$id] }] }
      - wait: 8ms
      - disconnect
`;

const STALLS = `stalls='${process.execPath}' '${join(PACKAGE_ROOT, 'tests/relays/odd-relay.mjs')}' {port} stalls`;

/** Plays a scenario against the relay that blocks; a row of the table. */
async function row(title: string, yaml: string): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'reqbench-open-loop-'));
  try {
    const file = join(dir, 'scenario.yaml');
    writeFileSync(file, yaml);
    const args = ['run', file, '--relay', STALLS, '--no-null', '--out', dir];
    await promisify(execFile)(process.execPath, [join(PACKAGE_ROOT, 'dist/bin/reqbench.js'), ...args]);
    const results = resultsSchema.parse(JSON.parse(readFileSync(join(dir, 'results.json'), 'utf8')));
    const eose = selectMetric(results.relays[0]?.metrics ?? [], 'req.eose', {});
    if (!eose) throw new Error(`${title}: no time to EOSE was measured`);
    const ms = (value: number | null) =>
      value === null ? '–' : `${value < 100 ? value.toPrecision(3) : Math.round(value)} ms`;
    return `| ${title} | ${eose.count} | ${ms(eose.p50)} | ${ms(eose.p99)} | ${ms(eose.max)} |`;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const table = [
  '| load | REQs | p50 | p99 | longest |',
  '| --- | ---: | ---: | ---: | ---: |',
  await row('open loop, 500/s', OPEN),
  await row('closed loop, five clients', CLOSED),
].join('\n');
process.stdout.write(`${table}\n\n`);
writeMethodBlock({ name: 'open-loop', command: 'open-loop' }, table);
