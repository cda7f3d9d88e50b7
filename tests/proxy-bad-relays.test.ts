import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEpoch } from '../harness/corpus/epoch.js';
import { openWorkload } from '../harness/load/opened-workload.js';
import { Round } from '../harness/load/round.js';
import { type Fault, startByteProxy } from '../harness/proxy/index.js';
import { prepare } from '../harness/run/prepare.js';
import { parseScenario } from '../harness/scenario/loader.js';
import { resolveRelay } from '../relays/catalog.js';
import { relaySettings } from '../relays/relay.js';
import { badRelay, readResults, reqbench, scenarioFile, scratchFolder } from './reqbench.js';

const SHORT = `
name: short
corpus: { generate: { events: 20, authors: 4 } }
rounds: 1
deadline: 1s
phases:
  - { name: all, arrivals: { closed: { clients: 2 } } }
clients:
  reader:
    script: [connect, { req: { filters: [{ kinds: [1], limit: 5 }] } }, publish, disconnect]
`;

describe('a relay that is up to no good is a finding: no crash, no hang, and the other relay keeps its results', () => {
  test.each([
    ['garbage', 'nip01/message/well-formed'],
    ['huge', 'nip01/message/oversized'],
    ['flood', 'nip01/req/eose-once'],
    ['control', 'nip01/req/known-subscription'],
    ['broken', 'nip01/message/well-formed'],
    ['nothing', 'nip01/req/eose-once'],
  ])(
    '%s',
    async (mode, check) => {
      const out = join(scratchFolder(), 'out');
      const started = performance.now();
      const { code, stdout, stderr } = await reqbench([
        ...['run', scenarioFile(SHORT), '--no-null', '--out', out],
        ...['--relay', badRelay(mode), '--relay', 'batched'],
        // 200 MB take their time on a busy machine.
        ...(mode === 'huge' ? ['--set', 'deadline=15s'] : []),
      ]);
      const results = readResults(out);
      const [bad, good] = results.relays;
      const found = bad?.conformance?.checks.find(({ id }) => id === check);
      expect(found?.failedCases, stderr).toBeGreaterThan(0);
      expect(found?.failures.length).toBeLessThanOrEqual(20);
      expect(bad?.status).toBe('ok');
      expect(good?.status).toBe('ok');
      expect(good?.conformance?.failed).toBe(0);
      expect([0, 1]).toContain(code);
      expect(stdout).not.toContain('\u001b]0;');
      expect(stdout).not.toContain('\u202e');
      expect(readFileSync(join(out, 'report.html'), 'utf8')).not.toContain('<img src=x onerror');
      expect(performance.now() - started).toBeLessThan(60_000);
    },
    90_000,
  );
});

describe('a connection that ends or falls silent at any byte', () => {
  const settings = `
name: cut
corpus: { generate: { events: 60, authors: 4 } }
deadline: 300ms
phases:
  - { name: all, arrivals: { closed: { clients: 3 } } }
clients:
  reader:
    script:
      - connect
      - req: { as: timeline, filters: [{ kinds: [1], limit: 20 }], then: keep }
      - publish: { kind: 1 }
      - req: { as: profiles, filters: [{ kinds: [0] }] }
      - disconnect
`;

  test('every cut is reported as the end of a connection, and the relay is accused of nothing', async () => {
    const dir = scratchFolder();
    const scenario = parseScenario(settings, 'cut.yaml');
    const prepared = await prepare({
      scenario,
      seed: 1,
      epochS: parseEpoch(undefined),
      dir,
      cacheDir: scratchFolder(),
      onProgress: () => {},
    });
    const opened = await openWorkload(prepared.workloadFile);
    const relay = resolveRelay('streaming', { allowRemote: false, cwd: dir });
    const running = await relay.start({
      dir: scratchFolder(),
      settings: relaySettings({}),
      preloadFile: prepared.corpus.file,
      readyWithinMs: 30_000,
    });
    const play = async (fault: Fault) => {
      const proxy = await startByteProxy({
        upstream: running.target.url,
        seed: 1,
        faultOf: (connection) => (connection === 2 ? fault : undefined),
      });
      const order = {
        relay: 'streaming',
        url: proxy.url,
        judged: true,
        writable: true,
        access: 'open',
        supportedNips: [],
        deadlineMs: 300,
        holdingsKnown: true,
        shared: false,
        notLoaded: [],
        strict: true,
      } as const;
      try {
        const round = new Round(order, {
          workload: opened.workload,
          reader: opened.createReader(),
          judge: opened.createJudge(order),
          publishBase: opened.publishBase,
          signAuth: opened.signAuth,
          progress: () => {},
          window: () => {},
        });
        return await round.run();
      } finally {
        await proxy.close();
      }
    };
    try {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: 16_000 }), async (afterBytes) => {
          const { judge, losses } = await play({ kind: 'cut', afterBytes });
          const failed = judge?.conformance.checks.filter(({ result }) => result === 'failed') ?? [];
          expect(failed.map(({ id }) => id)).toEqual([]);
          expect(losses.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(1);
        }),
        { numRuns: 40, seed: 11 },
      );
      // Silence can't be told from a relay that doesn't answer: it is a finding, and it ends.
      const { judge } = await play({ kind: 'half-open', afterBytes: 2_000 });
      const failed = judge?.conformance.checks.filter(({ result }) => result === 'failed') ?? [];
      expect(failed.map(({ id }) => id)).toEqual(['nip01/req/eose-once']);
    } finally {
      await running.stop();
    }
  }, 90_000);
});
