import { z } from 'zod';
import {
  MAX_VERIFY_THREADS,
  MOST_SPIN_US,
  type RelaySettingsInput,
  STORE_ENGINES,
  SYNC_MODES,
} from '../../relays/relay.js';
import { DEFAULT_COMPARISONS } from '../stats/compare.js';
import { duration } from './durations.js';
import { networkSchema } from './network.js';
import { OPEN_ARRIVALS, type OpenArrivals, openArrivals } from './open-arrivals.js';
import { batchedSchema, deviationsSchema, membersSchema } from './reference-settings.js';
import { sourceAddresses } from './sources.js';
import { stepSchema } from './steps.js';
import { exactlyOne, oneOfKeys, strict } from './strict.js';
import { MOST_SWEPT_VALUES, valueLabel } from './sweep.js';

/** When the sessions of a phase start. `closed`: N clients, each running its script so many times on end. */
export type Arrivals =
  | OpenArrivals
  | { readonly process: 'closed'; readonly clients: number; readonly iterations: number };

export interface ScenarioPhase {
  readonly name: string;
  /** undefined: the next phase begins when all sessions of this one have ended. */
  readonly durationMs: number | undefined;
  readonly arrivals: Arrivals;
  readonly measure: boolean;
  /** Client kinds that arrive in this phase; undefined: all. */
  readonly clients: readonly string[] | undefined;
  /** How many times the phase is played in a round, the relays taking turns; 1: once. */
  readonly slices: number;
}

/** Where the events come from, and whether a relay gets them in its store or over EVENT, verified. */
export type ScenarioCorpus = { readonly load: 'preload' | 'publish' } & (
  | { readonly generate: { readonly events: number; readonly authors: number } }
  /** Path of a JSONL file; absolute once loaded. */
  | { readonly file: string }
);

const name = z
  .string()
  .regex(/^[a-zA-Z0-9][\w.-]*$/, { error: 'a name is letters, digits, -, _ and dots, without spaces' })
  .max(60);

const corpusSize = strict({
  events: z.int().min(1).max(10_000_000).describe('How many events.'),
  authors: z.int().min(1).optional().describe('How many authors; a tenth of the events if left out.'),
}).transform(({ events, authors }) => ({ events, authors: authors ?? Math.max(1, Math.ceil(events / 10)) }));

const CORPUS_KEYS = ['generate', 'file'];

const corpus = strict({
  generate: corpusSize.optional().describe('Signed events made from the seed: the same on any machine.'),
  file: z
    .string()
    .min(1)
    .optional()
    .describe('A JSONL file of signed events, relative to this file. Also: --set corpus.file=PATH.'),
  load: z
    .enum(['preload', 'publish'])
    .default('preload')
    .describe('`preload`: into the store before the run. `publish`: over EVENT, verified.'),
})
  .check(exactlyOne(CORPUS_KEYS))
  .meta(oneOfKeys(CORPUS_KEYS))
  .transform(({ generate, file, load }): ScenarioCorpus => {
    return generate ? { generate, load } : { file: file ?? '', load };
  });

const count = z.int().min(1).exactOptional();
const bound = z.int().min(0).exactOptional();
const serviceTimeMs = z.number().min(0);
const kinds = z.array(z.int().min(0).max(65_535));

/** Settings of the reference relays, as a scenario and `conform --set` give them. */
export const relay = strict({
  access: z
    .enum(['open', 'auth-required', 'follows', 'managed'])
    .optional()
    .describe('Who may read and write (docs/access.md); `auth-required`: after NIP-42 AUTH only.'),
  members: membersSchema.optional(),
  limits: strict({
    maxMessageBytes: count.describe('Largest WebSocket message that is read, in bytes.'),
    maxSubscriptions: count.describe('Open subscriptions a connection may hold.'),
    maxFilters: count.describe('Filters in one REQ.'),
    maxLimit: count.describe('Events one filter can return; also what a filter without a limit gets.'),
    maxEventTags: count.describe('Tags of one event.'),
    maxSubscriptionIdLength: count.describe('Length of a subscription id, in characters.'),
    maxConnections: bound.describe('WebSocket connections at a time (default 0: no bound).'),
    maxConnectionsPerAddress: bound.describe(
      'Those from one address that is not loopback (default 0: no bound).',
    ),
    maxWaiting: bound.describe('Sockets that are no WebSocket connections yet (default 0: no bound).'),
  })
    .optional()
    .describe('Limits of the reference relays.'),
  source: strict({
    delivery: z
      .enum(['streaming', 'collecting'])
      .exactOptional()
      .describe("Event by event, or a filter's whole answer at once."),
    serviceTimeMs: serviceTimeMs
      .exactOptional()
      .describe('Milliseconds a query takes before its first event.'),
    spinUs: z
      .number()
      .min(0)
      .max(MOST_SPIN_US)
      .exactOptional()
      .describe('Microseconds of processor time that each query burns before it begins.'),
    slowKinds: z
      .array(strict({ kinds: kinds.min(1), serviceTimeMs }))
      .exactOptional()
      .describe('Other service times for filters that name one of these kinds.'),
    failKinds: kinds.exactOptional().describe('Filters that name one of these kinds fail.'),
    hangKinds: kinds.exactOptional().describe('Filters that name one of these kinds never get an answer.'),
  })
    .optional()
    .describe('Traits of the event source behind the reference relays.'),
  store: strict({
    engine: z
      .enum(STORE_ENGINES)
      .exactOptional()
      .describe('`memory`, or `lmdb`: on disk, fresh for every round.'),
    sync: z
      .enum(SYNC_MODES)
      .exactOptional()
      .describe('What a commit of the LMDB store waits for (default full); see docs/storage.md.'),
  })
    .optional()
    .describe('Where the reference relays keep their events.'),
  verifySignatures: z.boolean().optional().describe('Check ids and signatures of EVENTs (default true).'),
  verifyThreads: z
    .union([z.literal('auto'), z.int().min(0).max(MAX_VERIFY_THREADS)])
    .optional()
    .describe(
      'Threads that check them beside the relay’s own: a number (default 0), or `auto`, by the cores.',
    ),
  completenessHints: z
    .boolean()
    .optional()
    .describe('Say `finish` with the EOSE of a complete answer, NIP-67 (default false).'),
  batched: batchedSchema.optional(),
  deviations: deviationsSchema.optional(),
}) satisfies z.ZodType<RelaySettingsInput>;

const CLOSED = strict({
  clients: z.int().min(1).max(100_000).describe('How many clients at the same time.'),
  iterations: z.int().min(1).default(1).describe('How many times each runs its script, one after another.'),
});

const ARRIVAL_KEYS = [...Object.keys(OPEN_ARRIVALS), 'closed'];

const arrivals = strict({
  ...OPEN_ARRIVALS,
  closed: CLOSED.optional().describe('A fixed number of clients, each as fast as the relay answers.'),
})
  .check(exactlyOne(ARRIVAL_KEYS))
  .meta(oneOfKeys(ARRIVAL_KEYS))
  .transform((given): Arrivals => {
    const { clients, iterations } = given.closed ?? { clients: 1, iterations: 1 };
    return openArrivals(given) ?? { process: 'closed', clients, iterations };
  });

/** Beyond so many, turns of a sensible length take minutes a round. */
const MOST_SLICES = 1_000;

const phase = strict({
  name: name.describe('Name of the phase, a label in results.'),
  duration: duration
    .optional()
    .describe('How long clients arrive. Closed phases may leave it out: they end when their clients have.'),
  arrivals: arrivals.describe(
    'When clients start: {poisson: 20/s}, or another of constant, ramp, burst, closed.',
  ),
  measure: z.boolean().default(true).describe('false: a warm-up, checked but not in the figures.'),
  clients: z.array(z.string()).min(1).optional().describe('Only these client kinds arrive; all if left out.'),
  slices: z
    .int()
    .min(1)
    .max(MOST_SLICES)
    .default(1)
    .describe(
      'Above 1: all relays of a round are up at once and play this phase so many times, taking turns, one at a time.',
    ),
}).transform(
  ({ duration: durationMs, clients, ...rest }): ScenarioPhase => ({ durationMs, clients, ...rest }),
);

const client = strict({
  weight: z.number().min(0).default(1).describe('Its share among the kinds that arrive.'),
  identity: z
    .int()
    .min(0)
    .optional()
    .describe('Number of the identity that all its clients have, as in relay.members; drawn if left out.'),
  script: z.array(stepSchema).min(1).describe('What the client does, step by step.'),
});

const sweep = strict({
  set: z
    .string()
    .regex(/^[^.=\s]+(\.[^.=\s]+)*$/, { error: 'a key path such as phases.steady.arrivals.closed.clients' })
    .describe('Key path of the value that changes, as of --set.'),
  values: z.array(z.unknown()).min(2).max(MOST_SWEPT_VALUES).describe('What it is, one run after another.'),
}).check((context) => {
  const labels = context.value.values.map(valueLabel);
  const twice = labels.find((label, index) => labels.indexOf(label) !== index);
  if (twice === undefined) return;
  context.issues.push({ code: 'custom', input: context.value, message: `the value ${twice} comes twice` });
});

/** The most rounds that a run plays. */
export const MOST_ROUNDS = 1_000;

/** The most processes that share a load: a slip of the pen shouldn't fill the memory of a machine. */
export const MOST_WORKERS = 64;

/** What a run with `rounds: auto` may take, unless it says so itself. */
export const DEFAULT_BUDGET_MS = 60_000;

/** The scenario file. Everything that can be said about one value alone is checked here. */
export const scenarioFileSchema = strict({
  name: name.describe('Name of the scenario; also of its output folder.'),
  description: z.string().optional().describe('What question it answers, in a sentence or two.'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(1)
    .describe('Everything random comes from it: one seed, one plan.'),
  corpus: corpus.describe('The events that the relays hold when the run begins.'),
  relay: relay.prefault({}).describe('Settings of the reference relays; others ignore them.'),
  network: networkSchema
    .optional()
    .describe('A network between clients and relays; all figures then include it. Loopback if left out.'),
  phases: z.array(phase).min(1).describe('The run, phase after phase.'),
  clients: z.record(name, client).describe('Client kinds by name.'),
  compare: z
    .array(z.string())
    .default([...DEFAULT_COMPARISONS])
    .describe('What gets a verdict, such as req.eose{req=timeline}.p50.'),
  gates: z
    .array(z.string())
    .default([])
    .describe('Rules that the run must keep, such as req.eose.p99 < 250ms.'),
  rounds: z
    .union([z.int().min(1).max(MOST_ROUNDS), z.literal('auto')])
    .optional()
    .describe(
      'How many rounds; as few as the verdicts of `compare` need if left out; `auto`: until gates or verdicts are decided, or the budget is spent.',
    ),
  budget: duration.optional().describe('What a run with `rounds: auto` may take altogether (default 60s).'),
  workers: z
    .int()
    .min(1)
    .max(MOST_WORKERS)
    .default(1)
    .describe('Processes that share the load; what is sent, and when, hangs on the seed alone.'),
  sources: sourceAddresses
    .optional()
    .describe(
      'Loopback addresses that clients connect from in turn, such as 127.0.0.2-50, for relays that limit connections from one.',
    ),
  sweep: sweep
    .optional()
    .describe('A run at each of several values, and how the figures grow with it. Also: --sweep KEY=1,2,3.'),
  deadline: duration.prefault('5s').describe('How long an answer may take before it counts as late.'),
}).transform(({ deadline, rounds, budget, ...rest }) => ({
  ...rest,
  deadlineMs: deadline,
  /** undefined: as many as the verdicts need, which hangs on the relays of the run. */
  rounds,
  budgetMs: budget ?? DEFAULT_BUDGET_MS,
}));

export type ParsedScenario = z.output<typeof scenarioFileSchema>;
