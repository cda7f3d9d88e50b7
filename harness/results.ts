/**
 * results.json, schema `reqbench.results/1`: the only door between measuring and reporting. Units: ms, bytes,
 * 1/s, s. Text that a relay sent (NIP-11, log lines, excerpts) is in here as it came: hostile, to be escaped by
 * whoever shows it.
 */
import { z } from 'zod';

export {
  isMetricName,
  METRICS,
  type MetricDefinition,
  type MetricName,
  metricDefinition,
} from './measure/catalogue.js';

export { median } from './measure/statistics.js';
export { isSpoiledBy } from './spoiled.js';
export type { BetweenFigure, PointFigure, RelayChange, RunsComparison } from './two-runs/comparison.js';

export const RESULTS_SCHEMA = 'reqbench.results/1';

const labels = z.object({
  client: z.string().optional(),
  req: z.string().optional(),
  phase: z.string().optional(),
});

const statistics = {
  count: z.number().int().nonnegative(),
  mean: z.number().nullable(),
  p50: z.number().nullable(),
  /** null below 100 samples */
  p90: z.number().nullable(),
  /** null below 1,000 samples */
  p99: z.number().nullable(),
};

const metric = z.object({
  metric: z.string(),
  labels,
  unit: z.string(),
  ...statistics,
  max: z.number().nullable(),
  /** base64 of an HdrHistogram, V2 compressed, in µs. Only distributions have one. */
  histogram: z.string().optional(),
  perRound: z.array(z.object({ round: z.number().int().positive(), ...statistics })),
});

const series = z.object({
  metric: z.string(),
  unit: z.string(),
  round: z.number().int().positive(),
  /** Milliseconds since the measured window began; what lies before is negative. */
  atMs: z.array(z.number()),
  value: z.array(z.number()),
});

/** One line of a wire excerpt, as it was seen. */
const excerptLine = z.object({
  /** Milliseconds since the connection opened. */
  atMs: z.number(),
  direction: z.enum(['sent', 'got', 'note']),
  text: z.string(),
});

const checkFailure = z.object({
  message: z.string(),
  round: z.number().int().positive().optional(),
  connection: z.number().int().optional(),
  excerpt: z.array(excerptLine),
});

const check = z.object({
  id: z.string(),
  level: z.enum(['MUST', 'SHOULD', 'POLICY', 'INFO']),
  title: z.string(),
  requirement: z.string(),
  reference: z.string(),
  result: z.enum(['passed', 'failed', 'observed', 'not-supported', 'not-tested']),
  /** Cases judged. */
  seen: z.number().int().nonnegative(),
  /** Cases that the rule could not decide. */
  setAside: z.number().int().nonnegative(),
  /** Cases that broke the rule, or, at level INFO, showed the trait. */
  failedCases: z.number().int().nonnegative(),
  /** The first 20. */
  failures: z.array(checkFailure).max(20),
  /** Why it was not tested, or how it passed, in a sentence; may quote the relay. */
  note: z.string().optional(),
});

const conformance = z.object({
  /** Checks that passed or failed. */
  checked: z.number().int().nonnegative(),
  /** Failed MUST and POLICY checks; SHOULD only under --strict. */
  failed: z.number().int().nonnegative(),
  /** Ids of those of them that a file of known failures names: gates and exit code leave them out. Absent: none was given. */
  known: z.array(z.string()).optional(),
  checks: z.array(check),
});

/** How the bytes went. */
const transport = z.object({
  /** TCP_NODELAY at the sockets of the clients, and of the proxy where the scenario plays a network. */
  clientNoDelay: z.boolean(),
  /** At the relay's sockets; null where nobody here can tell. */
  relayNoDelay: z.boolean().nullable(),
  /** Compression is never offered by the clients. */
  permessageDeflate: z.boolean(),
});

const relay = z.object({
  name: z.string(),
  /** What `--relay` said: `base=streaming`, `mine=./relay --port {port}`. */
  spec: z.string().optional(),
  status: z.enum(['ok', 'failed-to-start', 'died', 'interrupted']),
  error: z.object({ message: z.string(), logTail: z.array(z.string()) }).optional(),
  target: z.object({
    kind: z.enum(['builtin', 'command', 'attached', 'module']),
    url: z.string().optional(),
    command: z.string().optional(),
    nip11: z.unknown().optional(),
    /** Who holds the listening socket, in the last round; its command line is hostile text. */
    process: z
      .object({
        pid: z.number().int(),
        arguments: z.string(),
        /** Path of the program. */
        program: z.string().optional(),
        /** Of the program. */
        sha256: z.string().optional(),
      })
      .optional(),
    transport: transport.optional(),
  }),
  /** Whether the relay did the work that its figures are of; speeds of unequal work are not compared. */
  work: z
    .object({
      /** Answers that the oracle could judge, over all rounds. */
      judged: z.number().int().nonnegative(),
      /** Those that were the oracle's. */
      equal: z.number().int().nonnegative(),
      /** Those that were right and held events of others too. */
      foreign: z.number().int().nonnegative().optional(),
      /** Connections that the relay refused or ended. */
      connectionsLost: z.number().int().nonnegative(),
    })
    .optional(),
  /** What an attached relay was loaded with, over all rounds; absent where it was only read. It stays there. */
  loaded: z
    .object({
      /** Corpus events that it took in. */
      accepted: z.number().int().nonnegative(),
      /** Those that it refused or left unanswered. */
      refused: z.number().int().nonnegative(),
      /** How many times: once, or once a round where rounds publish. */
      times: z.number().int().positive(),
    })
    .optional(),
  metrics: z.array(metric),
  series: z.array(series),
  conformance: conformance.nullable(),
});

const comparison = z.object({
  metric: z.string(),
  labels,
  statistic: z.string(),
  a: z.string(),
  b: z.string(),
  /** a / b: the median of the rounds' ratios. */
  ratio: z.number().nullable(),
  /** a − b in the metric's unit: the median of the rounds' differences. */
  difference: z.number().nullable(),
  /** Interval of the ratio. */
  ci95: z.tuple([z.number(), z.number()]).nullable(),
  method: z.string(),
  pairs: z.number().int().nonnegative(),
  verdict: z.enum(['a-lower', 'b-lower', 'equivalent', 'undecided', 'not-measurable']),
  /** The smallest ratio that this run could have found; ≥ 1. */
  detectable: z.number().nullable(),
  /** Why a comparison is not measurable, in a sentence. */
  reason: z.string().optional(),
});

const gate = z.object({
  rule: z.string(),
  result: z.enum(['passed', 'failed', 'not-measurable']),
  actual: z.string(),
});

const machineLoad = z.object({
  /** Share of all cores that programs took which don't belong to the run. */
  others: z.number(),
  /** Share of all cores that the host of a virtual machine took away. */
  steal: z.number(),
  /** Threads that ran or waited for a core, on average; those of the run are among them. */
  runQueue: z.number().nullable(),
  /** Share of the window in which at least one thread waited for a core, of the run or not. */
  pressure: z.number().nullable(),
});

const spread = z.object({
  p50: z.number().nullable(),
  p99: z.number().nullable(),
  max: z.number().nullable(),
});

const generator = {
  /** ms */
  lateness: spread,
  /** ms */
  eventLoopDelay: spread,
  /** Share of one core, 0 to 1 (above 1: helper threads). */
  cpu: z.number().nullable(),
  /** How many times the load the generator could have carried: 1 / busy share. */
  headroom: z.number().nullable(),
  /** True when the generator, not the relay, set the figures: they are harness-bound. */
  bound: z.boolean(),
  /** True when that holds of the tail alone: p90, p99 and mean; the median stands. */
  tailBound: z.boolean(),
};

const share = z.number().min(0).max(1);

/** How a gate `req.eose` of one relay <= that of another does on this machine, over as many rounds as the run had. */
const calibration = z.object({
  measuredAt: z.string(),
  /** What was played to find out, and with which relay. */
  scenario: z.string(),
  relay: z.string(),
  /** Rounds of the calibration. */
  recorded: z.number().int().positive(),
  /** Rounds of this run. */
  rounds: z.number().int().nonnegative(),
  /** Empty where the run has too few rounds for a gate. */
  rates: z.array(
    z.object({
      statistic: z.enum(['p50', 'p90', 'p99']),
      /** How often it fails for two equal relays. */
      falseAlarms: z.object({ rate: share, atMost: share }),
      /** How often it fails for one that is slower by so much (0.1: 10 %). */
      found: z.array(z.object({ slowdown: z.number().positive(), rate: share, atLeast: share })),
    }),
  ),
});

/** A run at each of several values of one parameter. */
const sweep = z.object({
  /** Key path of the scenario, as of --set. */
  parameter: z.string(),
  points: z.array(
    z.object({
      /** The value as text. */
      value: z.string(),
      /** Folder of the value's own results and reports, relative to this file. */
      folder: z.string(),
      complete: z.boolean(),
      planFingerprint: z.string(),
      warnings: z.number().int().nonnegative(),
      relays: z.array(
        z.object({
          name: z.string(),
          status: relay.shape.status,
          metrics: z.array(metric.omit({ histogram: true, perRound: true })),
          conformance: conformance.omit({ checks: true }).nullable(),
        }),
      ),
      comparisons: z.array(comparison),
    }),
  ),
});

export const resultsSchema = z.object({
  schema: z.literal(RESULTS_SCHEMA),
  complete: z.boolean(),
  startedAt: z.string(),
  warnings: z.array(z.object({ code: z.string(), text: z.string(), spoils: z.array(z.string()) })),
  scenario: z.object({
    name: z.string(),
    description: z.string().optional(),
    /** Relative to where the run was started, or to the package for one of its own. */
    file: z.string().optional(),
    /** What was set otherwise than in the file, as of --set. */
    overrides: z.array(z.string()).optional(),
    /** Rules besides those of the file, as of --gate. */
    gates: z.array(z.string()).optional(),
    seed: z.number().int(),
    epoch: z.string(),
    planFingerprint: z.string(),
  }),
  corpus: z.object({
    events: z.number().int().nonnegative(),
    /** Of the first round, where rounds have keys of their own. */
    fingerprint: z.string(),
    /** The corpus is signed with keys of this run alone, derived from the seed and this (docs/corpus.md). */
    keyNonce: z.string().optional(),
  }),
  environment: z.object({
    reqbench: z.string(),
    /** Of a reqbench that runs from its repository; `-dirty` where that was changed. */
    commit: z.string().optional(),
    node: z.string(),
    os: z.string(),
    cpu: z.string(),
    cores: z.number().int().positive(),
    /** Node and V8 flags of harness and reference relays. */
    flags: z.array(z.string()),
  }),
  harness: z.object({
    ...generator,
    perRelay: z.array(
      z.object({
        relay: z.string(),
        ...generator,
        /** Each of several load workers; the figures beside this are then the worst of them. */
        workers: z
          .array(z.object({ worker: z.number().int().positive(), pid: z.number().int(), ...generator }))
          .optional(),
      }),
    ),
  }),
  rounds: z.array(
    z.object({
      round: z.number().int().positive(),
      order: z.array(z.string()),
      pids: z.record(z.string(), z.number().int().nullable()),
      /** What else the machine did in each relay's measured window, where it can be told. */
      machine: z.record(z.string(), machineLoad).optional(),
    }),
  ),
  relays: z.array(relay),
  comparisons: z.array(comparison),
  gates: z.array(gate),
  /** By the last `reqbench calibrate` on this machine; null: there was none. */
  calibration: calibration.nullable().optional(),
  /**
   * Of a run over several values of a parameter: the figures at each. `complete`, `warnings`, `gates`, and the status and
   * checks of `relays` are then those of all values; everything else is of the last.
   */
  sweep: sweep.optional(),
  /** How a run that played until it was decided came to its end; absent where the number of rounds was set. */
  stopping: z
    .object({
      /** How many looks at the results share the error rate of every interval. */
      looks: z.number().int().positive(),
      budgetMs: z.number().positive(),
      reason: z.enum(['decided', 'budget', 'interrupted']),
    })
    .optional(),
});

export type SweepResult = z.infer<typeof sweep>;
export type Results = z.infer<typeof resultsSchema>;
export type RelayResult = Results['relays'][number];
export type MetricResult = z.infer<typeof metric>;
export type MetricLabels = z.infer<typeof labels>;
export type SeriesResult = z.infer<typeof series>;
export type Conformance = z.infer<typeof conformance>;
export type CheckResult = z.infer<typeof check>;
export type CheckFailure = z.infer<typeof checkFailure>;
export type ExcerptLine = z.infer<typeof excerptLine>;
export type Comparison = z.infer<typeof comparison>;
export type GateResult = z.infer<typeof gate>;
export type MachineLoad = z.infer<typeof machineLoad>;
export type Warning = Results['warnings'][number];
export type GeneratorFigures = Omit<Results['harness'], 'perRelay'>;

/** Name of the floor in results. */
export const NULL_RELAY = 'null';

/** How many load workers a run had: results list them where there were several. */
export function loadWorkersIn({ harness }: Pick<Results, 'harness'>): number {
  return Math.max(1, ...harness.perRelay.map(({ workers }) => workers?.length ?? 1));
}

/** Answers that could be judged and are not what the oracle expects. */
export function wrongAnswerCount({ judged, equal, foreign = 0 }: NonNullable<RelayResult['work']>): number {
  return judged - equal - foreign;
}
