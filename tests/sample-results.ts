/** Results as a run writes them, made up from a seed, for the tests of everything that reads results.json. */
import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import {
  type CheckResult,
  type Comparison,
  type Conformance,
  isMetricName,
  type MetricResult,
  metricDefinition,
  RESULTS_SCHEMA,
  type RelayResult,
  type Results,
  type SeriesResult,
} from '../harness/results.js';

const ROUNDS = 7;
const MIB = 1024 * 1024;

type Random = () => number;

/** mulberry32: enough for made-up figures, and the same everywhere. */
function random(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function unitOf(metric: string): string {
  return isMetricName(metric) ? metricDefinition(metric).unit : 'ms';
}

/** A latency: log-normal around `medianMs`, with a longer tail for one sample in fifty. */
function latencyMs(medianMs: number, next: Random): number {
  const gauss = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const tail = next() < 0.02 ? 3 + 4 * next() : 1;
  return medianMs * Math.exp(0.35 * gauss) * tail;
}

function quantile(sorted: readonly number[], p: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(p * sorted.length) - 1)] ?? 0;
}

function statisticsOf(samples: readonly number[]): Omit<MetricResult['perRound'][number], 'round'> {
  const sorted = samples.toSorted((x, y) => x - y);
  const count = sorted.length;
  return {
    count,
    mean: count ? sorted.reduce((sum, value) => sum + value, 0) / count : null,
    p50: count ? quantile(sorted, 0.5) : null,
    p90: count >= 100 ? quantile(sorted, 0.9) : null,
    p99: count >= 1000 ? quantile(sorted, 0.99) : null,
  };
}

function histogramOf(samplesMs: readonly number[]): string {
  const histogram = build({
    bitBucketSize: 64,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 120_000_000,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });
  for (const ms of samplesMs) histogram.recordValue(Math.max(1, Math.round(ms * 1000)));
  return encodeIntoCompressedBase64(histogram);
}

/** A distribution metric: `perRound` samples a round around `medianMs`. */
export function distribution(
  metric: string,
  medianMs: number,
  {
    labels = {},
    perRound = 240,
    seed = 1,
  }: { labels?: MetricResult['labels']; perRound?: number; seed?: number } = {},
): MetricResult {
  const next = random(seed);
  const rounds = Array.from({ length: ROUNDS }, (_, index) => {
    const drift = 1 + 0.06 * (next() - 0.5);
    return {
      round: index + 1,
      samples: Array.from({ length: perRound }, () => latencyMs(medianMs * drift, next)),
    };
  });
  const all = rounds.flatMap(({ samples }) => samples);
  return {
    metric,
    labels,
    unit: unitOf(metric),
    ...statisticsOf(all),
    max: Math.max(...all),
    histogram: histogramOf(all),
    perRound: rounds.map(({ round, samples }) => ({ round, ...statisticsOf(samples) })),
  };
}

/** A once-a-round metric around `typical`. */
export function onceARound(metric: string, typical: number, seed = 1): MetricResult {
  const next = random(seed);
  const values = Array.from({ length: ROUNDS }, () => typical * (1 + 0.04 * (next() - 0.5)));
  return {
    metric,
    labels: {},
    unit: unitOf(metric),
    ...statisticsOf(values),
    max: Math.max(...values),
    perRound: values.map((value, index) => ({ round: index + 1, ...statisticsOf([value]) })),
  };
}

function counted(metric: string, count: number): MetricResult {
  const nothing = { mean: null, p50: null, p90: null, p99: null };
  const perRound = Array.from({ length: ROUNDS }, (_, index) => ({
    round: index + 1,
    count: index ? 0 : count,
    ...nothing,
  }));
  return { metric, labels: {}, unit: 'count', count, ...nothing, max: null, perRound };
}

function seriesOf(metric: string, start: number, growth: number, seed: number): SeriesResult[] {
  const next = random(seed);
  return Array.from({ length: ROUNDS }, (_, index) => {
    const atMs = Array.from({ length: 30 }, (_unused, tick) => -100 + tick * 25);
    const value = atMs.map(
      (at) => start + growth * (1 - Math.exp(-(at + 100) / 300)) * (1 + 0.2 * (next() - 0.5)),
    );
    return { metric, unit: unitOf(metric.concat('.peak')), round: index + 1, atMs, value };
  });
}

interface Speed {
  readonly ttfe: number;
  readonly eose: number;
  readonly rssMiB: number;
  readonly seed: number;
}

function metricsOf({ ttfe, eose, rssMiB, seed }: Speed): MetricResult[] {
  const requests = ['profile', 'timeline', 'thread'];
  return [
    distribution('connect', 0.9, { perRound: 8, seed }),
    distribution('req.ttfe', ttfe, { seed: seed + 1 }),
    distribution('req.eose', eose, { seed: seed + 2 }),
    ...requests.flatMap((req, index) => [
      distribution('req.ttfe', ttfe * (0.7 + 0.3 * index), {
        labels: { req },
        perRound: 80,
        seed: seed + 10 + index,
      }),
      distribution('req.eose', eose * (0.6 + 0.4 * index), {
        labels: { req },
        perRound: 80,
        seed: seed + 20 + index,
      }),
    ]),
    onceARound('events.received.rate', 42_000 / eose, seed + 3),
    onceARound('bytes.received.rate', (28 * MIB) / eose, seed + 4),
    counted('refused', 0),
    counted('lost', 0),
    counted('late', 0),
    distribution('lateness', 0.05, { seed: seed + 5 }),
    onceARound('memory.rss.peak', rssMiB * MIB, seed + 6),
    onceARound('memory.anon.peak', rssMiB * 0.62 * MIB, seed + 7),
    onceARound('memory.heap.peak', rssMiB * 0.31 * MIB, seed + 8),
    onceARound('cpu.time', 0.21 * eose, seed + 9),
    onceARound('eventloop.delay', 1.4 * eose, seed + 10),
  ];
}

const CHECKS: readonly Pick<CheckResult, 'id' | 'level' | 'title' | 'requirement' | 'reference'>[] = [
  {
    id: 'nip01/req/eose-once',
    level: 'MUST',
    title: 'A REQ is answered once',
    requirement:
      'A subscription id that is used once gets one EOSE or one CLOSED; EOSE never follows CLOSED.',
    reference: 'NIP-01',
  },
  {
    id: 'nip01/req/matches-filter',
    level: 'MUST',
    title: 'Events match their filters',
    requirement: 'Every event that is sent for a subscription matches one of its filters.',
    reference: 'NIP-01',
  },
  {
    id: 'nip01/req/stored-set',
    level: 'SHOULD',
    title: 'The stored answer is whole',
    requirement: 'The stored answer holds what the oracle expects: no holes and nothing else.',
    reference: 'NIP-01',
  },
  {
    id: 'nip01/event/ok',
    level: 'MUST',
    title: 'An EVENT gets one OK',
    requirement: 'Every EVENT is answered by one OK with its id and, when it is refused, a reason.',
    reference: 'NIP-01',
  },
  {
    id: 'nip01/req/duplicates',
    level: 'INFO',
    title: 'The same event twice',
    requirement: 'An event that matches two filters of a REQ may be sent twice.',
    reference: 'strategies.md D3',
  },
  {
    id: 'nip40/expired',
    level: 'MUST',
    title: 'No expired events',
    requirement: 'No event is served that expired more than five seconds ago.',
    reference: 'NIP-40',
  },
  {
    id: 'nip42/challenge-known',
    level: 'MUST',
    title: 'Challenge before auth-required',
    requirement: 'A refusal with auth-required comes only after an AUTH challenge on that connection.',
    reference: 'NIP-42',
  },
];

function passed(
  index: number,
): Pick<CheckResult, 'result' | 'seen' | 'setAside' | 'failedCases' | 'failures'> {
  if (index === 5) return { result: 'not-supported', seen: 0, setAside: 0, failedCases: 0, failures: [] };
  if (index === 6) return { result: 'not-tested', seen: 0, setAside: 0, failedCases: 0, failures: [] };
  return { result: 'passed', seen: 1680, setAside: index === 2 ? 4 : 0, failedCases: 0, failures: [] };
}

/** Conformance in which every check passed, but for `overrides` by check id. */
export function conformance(overrides: Readonly<Record<string, Partial<CheckResult>>> = {}): Conformance {
  const checks = CHECKS.map(
    (check, index): CheckResult => ({ ...check, ...passed(index), ...overrides[check.id] }),
  );
  const judged = checks.filter(({ result }) => result === 'passed' || result === 'failed');
  const broken = checks.filter(
    ({ result, level }) => result === 'failed' && (level === 'MUST' || level === 'POLICY'),
  );
  return { checked: judged.length, failed: broken.length, checks };
}

/** A relay of that speed, with every metric, series and check. */
export function relayResult(name: string, speed: Speed, overrides: Partial<RelayResult> = {}): RelayResult {
  const { rssMiB, seed } = speed;
  return {
    name,
    status: 'ok',
    target: {
      kind: 'builtin',
      url: `ws://127.0.0.1:${41000 + seed}`,
      command: `node dist/relays/server/main.js ${name}`,
      nip11: {
        name: `reqbench ${name}`,
        software: 'reqbench',
        version: '0.1.0',
        supported_nips: [1, 11, 42],
      },
    },
    metrics: metricsOf(speed),
    series: [
      ...seriesOf('memory.rss', rssMiB * 0.8 * MIB, rssMiB * 0.2 * MIB, seed),
      ...seriesOf('memory.anon', rssMiB * 0.5 * MIB, rssMiB * 0.12 * MIB, seed + 1),
      ...seriesOf('memory.heap', rssMiB * 0.2 * MIB, rssMiB * 0.11 * MIB, seed + 2),
      ...seriesOf('eventloop.delay', 0.4, speed.eose, seed + 3),
    ],
    conformance: conformance(),
    ...overrides,
  };
}

const DUPLICATES: Partial<CheckResult> = {
  result: 'observed',
  failedCases: 12,
  failures: [
    {
      message: 'event 3f1c… came twice for subscription r12',
      round: 1,
      connection: 4,
      excerpt: [
        {
          atMs: 12.113,
          direction: 'sent',
          text: '["REQ","r12",{"kinds":[1],"limit":20},{"authors":["9a0e…"]}]',
        },
        { atMs: 12.502, direction: 'got', text: '["EVENT","r12",{"id":"3f1c…","kind":1}]' },
        { atMs: 12.611, direction: 'got', text: '["EVENT","r12",{"id":"3f1c…","kind":1}]' },
      ],
    },
  ],
};

export const TTFE: Comparison = {
  metric: 'req.ttfe',
  labels: {},
  statistic: 'p50',
  a: 'streaming',
  b: 'batched',
  ratio: 0.545,
  difference: -0.35,
  ci95: [0.5, 0.625],
  method: 'median of paired ratios; order-statistic interval, Bonferroni over 2',
  pairs: 7,
  verdict: 'a-lower',
  detectable: 1.07,
};

export const EOSE: Comparison = {
  ...TTFE,
  metric: 'req.eose',
  ratio: 0.985,
  difference: -0.013,
  ci95: [0.93, 1.06],
  verdict: 'undecided',
};

/** A load generator that had nothing to fear. */
export const QUIET_GENERATOR = {
  lateness: { p50: 0.05, p99: 0.31, max: 1.9 },
  eventLoopDelay: { p50: 0.2, p99: 1.1, max: 3.4 },
  cpu: 0.34,
  headroom: 2.9,
  bound: false,
  tailBound: false,
};

/** A run that went well: two relays and the floor, seven rounds. */
export function sampleResults(overrides: Partial<Results> = {}): Results {
  const names = ['streaming', 'batched', 'null'];
  return {
    schema: RESULTS_SCHEMA,
    complete: true,
    startedAt: '2026-03-14T09:26:53.589Z',
    warnings: [],
    scenario: {
      name: 'first-look',
      description: 'Which of the two strategies answers sooner, and is either wrong?',
      seed: 42,
      epoch: '2025-01-01T00:00:00Z',
      planFingerprint: '9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab',
    },
    corpus: { events: 2000, fingerprint: '1f3ce40415a2081fa3eee75fc39fff8e56c22270d1a978a7249b592dcebd20b4' },
    environment: {
      reqbench: '0.1.0',
      node: 'v24.11.0',
      os: 'Linux 6.8.0 x64',
      cpu: 'AMD EPYC 7B13',
      cores: 2,
      flags: ['--max-semi-space-size=16'],
    },
    harness: { ...QUIET_GENERATOR, perRelay: names.map((relay) => ({ relay, ...QUIET_GENERATOR })) },
    rounds: Array.from({ length: ROUNDS }, (_, index) => ({
      round: index + 1,
      order: index % 2 ? names.toReversed() : names,
      pids: Object.fromEntries(names.map((name, at) => [name, 5000 + index * 10 + at])),
    })),
    relays: [
      relayResult(
        'streaming',
        { ttfe: 0.42, eose: 0.86, rssMiB: 96, seed: 100 },
        {
          conformance: conformance({ 'nip01/req/duplicates': DUPLICATES }),
        },
      ),
      relayResult('batched', { ttfe: 0.77, eose: 0.87, rssMiB: 104, seed: 200 }),
      relayResult('null', { ttfe: 0.11, eose: 0.19, rssMiB: 61, seed: 300 }, { conformance: null }),
    ],
    comparisons: [TTFE, EOSE],
    gates: [
      {
        rule: 'req.eose{req=timeline}.p99 < 250ms',
        result: 'passed',
        actual: 'streaming 4.1 ms, batched 4.4 ms',
      },
      { rule: 'conformance.failed = 0', result: 'passed', actual: 'streaming 0, batched 0' },
    ],
    ...overrides,
  };
}
