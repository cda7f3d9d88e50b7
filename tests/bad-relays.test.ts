import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { badRelay, readResults, scenarioFile, scratchFolder, start } from './reqbench.js';

/** What steers a terminal or reverses a line; a line feed alone may stand in a report. */
const STEERING = /(?!\n)[\p{Cc}\u202e]/u;

/** Most memory of the command line's process, in bytes: several messages of 100 MB, and never a million findings. */
const MOST_MEMORY = 1.5 * 2 ** 30;

/** Runs the command line to its end; its most memory is what Linux tells (VmHWM), 0 elsewhere. */
async function watched(args: readonly string[]) {
  const { child, finished } = start(args);
  let mostBytes = 0;
  const look = setInterval(() => {
    mostBytes = Math.max(mostBytes, peakBytes(child.pid));
  }, 20);
  const { code, stdout, stderr } = await finished;
  clearInterval(look);
  return { code, stdout, stderr, mostBytes };
}

function peakBytes(pid: number | undefined): number {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}

const SHORT = `
name: short
corpus: { generate: { events: 20, authors: 4 } }
rounds: 1
deadline: 1s
compare: []
phases:
  - { name: all, arrivals: { closed: { clients: 2 } } }
clients:
  reader:
    script: [connect, { req: { filters: [{ kinds: [1], limit: 5 }] } }, disconnect]
`;

const MODES = ['garbage', 'huge', 'flood', 'control', 'broken', 'nothing', 'chatter'] as const;

/** What the probes find, on the messages of these few. */
const FOUND_BY_CONFORM: Readonly<Record<(typeof MODES)[number], string>> = {
  garbage: 'nip01/message/well-formed',
  huge: 'nip01/message/oversized',
  flood: 'nip01/req/eose-once',
  control: 'nip01/req/known-subscription',
  broken: 'nip01/message/well-formed',
  nothing: 'nip01/req/eose-no-match',
  chatter: 'nip01/req/eose-no-match',
};

describe('conform against a relay that is up to no good: findings, an end, and bounded memory', () => {
  test.each(MODES)(
    '%s',
    async (mode) => {
      const out = scratchFolder();
      const clauses = new Set(['nip01/req/eose-no-match', 'nip01/req/eose-matches', FOUND_BY_CONFORM[mode]]);
      const { code, stdout, stderr, mostBytes } = await watched([
        ...['conform', ...clauses, '--relay', badRelay(mode), '--out', out],
      ]);
      const checks = readResults(out).relays[0]?.conformance?.checks ?? [];
      const found = checks.find(({ id }) => id === FOUND_BY_CONFORM[mode]);
      expect(
        found?.failedCases,
        checks.map(({ id, result }) => `${id} ${result}`).join('\n'),
      ).toBeGreaterThan(0);
      expect(code, stderr).toBe(found?.level === 'MUST' ? 1 : 0);
      expect(mostBytes).toBeLessThan(MOST_MEMORY);
      const files = ['junit.xml', 'report.html'].map((name) => readFileSync(join(out, name), 'utf8'));
      for (const text of [stdout, stderr, ...files]) expect(text).not.toMatch(STEERING);
      for (const text of files) expect(text).not.toContain('<img src=x');
    },
    120_000,
  );
});

describe('check of the trace of a relay that is up to no good: the findings of the run, and bounded memory', () => {
  test.each(MODES)(
    '%s',
    async (mode) => {
      const out = scratchFolder();
      const ran = await watched([
        ...['run', scenarioFile(SHORT), '--no-null', '--relay', badRelay(mode), '--trace', '--out', out],
        ...(mode === 'huge' ? ['--set', 'deadline=15s'] : []),
        ...(mode === 'chatter' ? ['--set', 'deadline=250ms'] : []),
      ]);
      const failed = readResults(out)
        .relays.flatMap(({ conformance }) => conformance?.checks ?? [])
        .filter(({ failedCases }) => failedCases > 0)
        .map(({ id }) => id);
      expect(failed.length).toBeGreaterThan(0);
      const traces = readdirSync(join(out, 'traces'))
        .filter((name) => name.endsWith('.gz'))
        .map((name) => join(out, 'traces', name));
      const { code, stdout, stderr, mostBytes } = await watched(['check', ...traces]);
      expect(code, stderr).toBe(ran.code);
      for (const id of failed) expect(stdout).toContain(id);
      expect(mostBytes).toBeLessThan(MOST_MEMORY);
      expect(stdout + stderr).not.toMatch(STEERING);
    },
    120_000,
  );
});
