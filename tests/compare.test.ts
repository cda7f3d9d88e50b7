import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RelayResult, Results } from '../harness/results.js';
import { compareRuns } from '../harness/two-runs/compare-runs.js';
import type { RunsComparison } from '../harness/two-runs/comparison.js';
import { renderBetweenMarkdown, renderBetweenTerminal } from '../reports/index.js';
import { reqbench, scratchFolder } from './reqbench.js';
import { conformance, QUIET_GENERATOR, relayResult, sampleResults } from './sample-results.js';

const RIGHT = { work: { judged: 100, equal: 100, connectionsLost: 0 } };
const FAST = { ttfe: 0.4, eose: 0.8, rssMiB: 90, seed: 100 };

/** A run of one relay of the speed beside a floor that takes `floorMs` to EOSE. */
function ran(
  eose: number,
  {
    floor = 0.19,
    seed = 100,
    relay = {},
    more = {},
  }: Partial<{
    floor: number;
    seed: number;
    relay: Partial<RelayResult>;
    more: Partial<Results>;
  }> = {},
): Results {
  return sampleResults({
    relays: [
      relayResult('mine', { ...FAST, eose, seed }, { ...RIGHT, ...relay }),
      relayResult('null', { ttfe: 0.11, eose: floor, rssMiB: 61, seed: seed + 200 }, { conformance: null }),
    ],
    comparisons: [],
    ...more,
  });
}

function compare(a: Results, b: Results, relays: readonly string[] = []): RunsComparison {
  return compareRuns({ file: 'a.json', results: a }, { file: 'b.json', results: b }, { relays, figures: [] });
}

function eose({ relays }: RunsComparison) {
  return relays[0]?.figures.find(({ metric }) => metric === 'req.eose');
}

describe('two runs of one question', () => {
  it('give the ratio b / a with the interval of unpaired rounds', () => {
    const figure = eose(compare(ran(0.8), ran(1.4, { seed: 150 })));
    expect(figure).toMatchObject({ verdict: 'a-lower', statistic: 'p50', rounds: { a: 7, b: 7 } });
    expect(figure?.ratio).toBeGreaterThan(1.5);
    expect(figure?.ci95?.[0]).toBeGreaterThan(1.4);
    expect(eose(compare(ran(1.4), ran(0.8)))?.verdict).toBe('b-lower');
    expect(eose(compare(ran(0.8), ran(0.8)))?.ratio).toBe(1);
  });

  it('give no verdict that the null relay’s own change could explain', () => {
    const figure = eose(compare(ran(0.8), ran(1.4, { floor: 0.5 })));
    expect(figure?.verdict).toBe('not-measurable');
    expect(figure?.reason).toContain('the machine may have changed as much');
  });

  it('share the error rate among all figures, pairs and looks', () => {
    const few = { ...ran(0.8), stopping: { looks: 8, budgetMs: 60_000, reason: 'decided' as const } };
    const [plain, looked] = [eose(compare(ran(0.8), ran(1.4))), eose(compare(few, ran(1.4)))];
    const width = (ci: readonly [number, number] | null | undefined) => (ci ? ci[1] / ci[0] : 0);
    expect(width(looked?.ci95)).toBeGreaterThan(width(plain?.ci95));
  });

  it('are not compared in speed where answers were wrong or unequal; memory and counts are', () => {
    const wrong = { work: { judged: 100, equal: 90, connectionsLost: 0 } };
    const comparison = compare(ran(0.8), ran(1.4, { relay: wrong }));
    expect(eose(comparison)).toMatchObject({
      verdict: 'not-measurable',
      a: null,
      b: null,
      ratio: null,
      ci95: null,
    });
    expect(eose(comparison)?.reason).toContain('10 of the 100 answers');
    const points = comparison.relays[0]?.points ?? [];
    expect(points.find(({ metric }) => metric === 'req.eose')).toMatchObject({
      a: null,
      b: null,
      ratio: null,
    });
    expect(points.find(({ metric }) => metric === 'memory.rss.peak')?.ratio).toBeGreaterThan(0);
    expect(renderBetweenTerminal(comparison, { color: false, width: 100 })).not.toContain('1.40');
  });

  it('are not compared in speed on different machines, or where a warning spoils one of them', () => {
    const { environment } = sampleResults();
    const elsewhere = ran(1.4, { more: { environment: { ...environment, cpu: 'another' } } });
    expect(eose(compare(ran(0.8), elsewhere))?.reason).toContain('different machines');
    const spoiled = ran(1.4, {
      more: { warnings: [{ code: 'delayed-ack', text: 'the timer', spoils: ['mine:req.eose'] }] },
    });
    expect(eose(compare(ran(0.8), spoiled))).toMatchObject({ ratio: null, reason: 'in b: the timer' });
  });

  it('say what differs and what they can’t know, before the figures', () => {
    const { environment } = sampleResults();
    const later = ran(1.4, {
      more: {
        startedAt: '2026-03-17T09:30:00.000Z',
        environment: { ...environment, node: 'v22.0.0', reqbench: '0.2.0' },
      },
      relay: { target: { kind: 'command', command: './new', nip11: { software: 'mine', version: '2' } } },
    });
    const comparison = compare(ran(0.8), later);
    expect(comparison.differences.map(({ what }) => what)).toEqual([
      'Node',
      'reqbench',
      'mine: command',
      'mine: software',
    ]);
    for (const text of [
      renderBetweenTerminal(comparison, { color: false, width: 100 }),
      renderBetweenMarkdown(comparison),
    ]) {
      expect(text).toContain('3 days apart');
      expect(text).toContain('v24.11.0 in a, v22.0.0 in b');
      expect(text.indexOf('3 days apart')).toBeLessThan(text.indexOf('time to EOSE'));
    }
    const floorless = { ...later, relays: later.relays.slice(0, 1) };
    expect(compare(ran(0.8), floorless).limits.join(' ')).toContain('nothing shows how far the machine');
    expect(eose(compare(ran(0.8), floorless))?.floorRatio).toBeNull();
  });

  it('are said to be one where they are, and a run alike is not', () => {
    const same = compare(ran(0.8), ran(0.8));
    expect(same.limits).toEqual([expect.stringContaining('both files hold the same run')]);
    expect(renderBetweenTerminal(same, { color: false, width: 100 })).toContain('hold the same run');
    const later = ran(0.8, { more: { startedAt: '2026-03-17T09:30:00.000Z' } });
    expect(compare(ran(0.8), later).limits.join(' ')).not.toContain('same run');
  });

  it('name checks that fail in one of them alone', () => {
    const broken = conformance({ 'nip01/event/ok': { result: 'failed', failedCases: 3 } });
    const comparison = compare(ran(0.8), ran(0.8, { relay: { conformance: broken } }));
    expect(comparison.relays[0]?.conformance).toMatchObject({ onlyInA: [], onlyInB: ['nip01/event/ok'] });
    expect(renderBetweenMarkdown(comparison)).toContain('nip01/event/ok fails in b and not in a');
  });

  it('show hostile text as it is, not as what it does', () => {
    const hostile = { target: { kind: 'command' as const, command: 'x\u001b[2J<script>|' } };
    const comparison = compare(ran(0.8), ran(0.8, { relay: hostile }));
    expect(renderBetweenTerminal(comparison, { color: false, width: 100 })).toContain('x\\x1b[2J<script>|');
    expect(renderBetweenMarkdown(comparison)).not.toContain('<script>');
  });
});

describe('relays of two runs', () => {
  const two = sampleResults();
  const renamed = sampleResults({
    relays: two.relays.map((relay) => (relay.name === 'batched' ? { ...relay, name: 'head' } : relay)),
  });

  it('are matched by name, or as they are told to', () => {
    expect(compare(two, renamed).relays.map(({ a, b }) => [a, b])).toEqual([['streaming', 'streaming']]);
    expect(compare(two, renamed).unmatched).toEqual({ a: ['batched'], b: ['head'] });
    const told = compare(two, renamed, ['batched=head', 'streaming']);
    expect(told.relays.map(({ a, b }) => [a, b])).toEqual([
      ['batched', 'head'],
      ['streaming', 'streaming'],
    ]);
  });

  it.each([
    [['batch'], 'a.json: there is no relay "batch"\n  the nearest is batched'],
    [['batched=haed'], 'b.json: there is no relay "haed"\n  the nearest is head'],
    [['null'], 'the null relay is the floor'],
    [['streaming', 'streaming'], 'given twice'],
  ])('are refused where a file has none: %j', (asked, message) => {
    expect(() => compare(two, renamed, asked)).toThrow(message);
  });

  it('are refused where nothing matches, with what there is', () => {
    expect(() => compare(ran(0.8), two)).toThrow('a.json has mine; b.json has streaming, batched');
  });
});

it('runs of other questions are refused with all that differs', () => {
  const { scenario, corpus } = sampleResults();
  const other = sampleResults({
    scenario: { ...scenario, name: 'other', planFingerprint: 'e'.repeat(64) },
    corpus: { ...corpus, fingerprint: 'f'.repeat(64) },
  });
  expect(() => compare(sampleResults(), other)).toThrow(
    /the scenario is "other", and that of a\.json is "first-look"[\s\S]*plan is eeee[\s\S]*corpus is ffff/,
  );
});

it('runs of another number of load workers are refused, with both numbers', () => {
  const { harness } = sampleResults();
  const workers = [1, 2].map((worker) => ({ worker, pid: 100 + worker, ...QUIET_GENERATOR }));
  const perRelay = harness.perRelay.map((one) => ({ ...one, workers }));
  const shared = sampleResults({ harness: { ...harness, perRelay } });
  expect(() => compare(sampleResults(), shared)).toThrow(
    'b.json: the number of load workers is 2, and that of a.json is 1',
  );
  expect(() => compare(shared, shared)).not.toThrow();
});

describe('reqbench compare', () => {
  const save = (name: string, results: Results): string => {
    const file = join(scratchFolder(), name);
    writeFileSync(file, JSON.stringify(results));
    return file;
  };

  it('prints a table, Markdown or JSON, and its exit code is no verdict', async () => {
    const [a, b] = [save('a.json', ran(0.8)), save('b.json', ran(1.4))];
    const { code, stdout } = await reqbench(['compare', a, b]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/time to EOSE, p50: [\d.]+\s% higher in b/);
    const markdown = await reqbench([
      'compare',
      a,
      b,
      '--format',
      'markdown',
      '--figure',
      'req.eose{req=timeline}.p50',
    ]);
    expect(markdown.stdout).toContain('time to EOSE of timeline, p50');
    const json = await reqbench(['compare', a, b, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      schema: 'reqbench.comparison/1',
      relays: [{ a: 'mine', b: 'mine' }],
    });
  });

  it('refuses bad files, other questions and unknown figures with 2', async () => {
    const a = save('a.json', ran(0.8));
    const { corpus } = sampleResults();
    const cut = join(scratchFolder(), 'cut.json');
    writeFileSync(cut, JSON.stringify(ran(0.8)).slice(0, 4_000));
    const cases: readonly (readonly [readonly string[], string])[] = [
      [
        [a, save('b.json', ran(0.8, { more: { corpus: { ...corpus, fingerprint: 'f'.repeat(64) } } }))],
        'the corpus is ffff',
      ],
      [[a, cut], 'cut short'],
      [[a, 'none.json'], 'no such file'],
      [[a, a, '--figure', 'req.eoze.p50'], 'the nearest is req.eose.p50'],
      [[a, a, '--relay', 'nine'], 'the nearest is mine'],
      [[a], 'missing required argument'],
    ];
    for (const [words, message] of cases) {
      const { code, stdout, stderr } = await reqbench(['compare', ...words]);
      expect([code, stdout], message).toEqual([2, '']);
      expect(stderr).toContain(message);
    }
  }, 60_000);
});
