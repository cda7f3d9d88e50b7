import { z } from 'zod';
import { duration } from './durations.js';
import { type FilterTemplate, filterSchema, type TemplateValue, tagSchema } from './filters.js';
import { OPEN_ARRIVALS, type OpenArrivals, openArrivals, rate } from './open-arrivals.js';
import { type Pause, pause, type ReadRate, readRate } from './pacing.js';
import { type RawPayload, rawPayload } from './raw.js';
import { exactlyOne, oneOfKeys, strict } from './strict.js';

/** A step of a script, with defaults filled in and values still to be drawn. Semantics: `Step` in plan.ts. */
export type ScriptStep =
  | { readonly do: 'connect' }
  | { readonly do: 'auth'; readonly withinMs: number }
  | {
      readonly do: 'req';
      readonly as: string;
      readonly filters: readonly FilterTemplate[];
      readonly await: 'eose' | 'none';
      readonly then: 'close' | 'keep';
      readonly subscription?: string | undefined;
    }
  | {
      readonly do: 'count';
      readonly as: string;
      readonly filters: readonly FilterTemplate[];
      readonly await: 'answer' | 'none';
    }
  | {
      readonly do: 'publish';
      readonly as: string;
      readonly kind: number;
      readonly content: string;
      readonly tags: readonly (readonly TemplateValue[])[];
      readonly await: 'ok' | 'none';
    }
  | {
      readonly do: 'http';
      readonly as: string;
      readonly request: 'nip11' | 'upgrade';
      readonly connections: number;
      /** undefined: as fast as the answers come. */
      readonly perS?: number | undefined;
      readonly forMs: number;
    }
  | ({ readonly do: 'raw'; readonly as: string } & RawPayload)
  | { readonly do: 'close'; readonly of: string }
  | {
      readonly do: 'expect';
      readonly of: string;
      /** undefined: the scenario's deadline. */
      readonly withinMs?: number | undefined;
      readonly events?: number | undefined;
      readonly closed?: string | undefined;
    }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'think'; readonly pause: Pause }
  | { readonly do: 'slow-read'; readonly rate: ReadRate }
  | { readonly do: 'reconnect'; readonly afterMs: number }
  | { readonly do: 'parallel'; readonly branches: readonly (readonly ScriptStep[])[] }
  | { readonly do: 'disconnect' }
  | { readonly do: 'repeat'; readonly times: number; readonly steps: readonly ScriptStep[] }
  | {
      readonly do: 'repeat-every';
      readonly arrivals: OpenArrivals;
      readonly forMs: number;
      readonly steps: readonly ScriptStep[];
    };

const label = z
  .string()
  .min(1)
  .max(40)
  .regex(/^[a-zA-Z][\w-]*$/, {
    error: 'a label is letters, digits, - and _, beginning with a letter',
  });

const empty = z.union([strict({}), z.null()]);

/** A key of its own name: an object literal with `then` looks like a promise to linters, and to `await`. */
const AFTER_EOSE = 'then';

const req = strict({
  as: label.default('req').describe('Label of this REQ in metrics, `close` and `expect`.'),
  filters: z.array(filterSchema).min(1).describe('The filters of the REQ; an event needs to match one.'),
  await: z.enum(['eose', 'none']).default('eose').describe('Whether the next step waits for EOSE.'),
  [AFTER_EOSE]: z
    .enum(['close', 'keep'])
    .default('close')
    .describe('After EOSE: `close` the subscription, or `keep` it open for live events.'),
  subscription: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe('The subscription id to use. Leave it out, unless replacing a subscription is the question.'),
});

const count = strict({
  as: label.default('count').describe('Label of this COUNT in metrics.'),
  filters: z.array(filterSchema).min(1).describe('The filters of the COUNT; matches of any are counted.'),
  await: z
    .enum(['answer', 'none'])
    .default('answer')
    .describe('Whether the next step waits for COUNT or CLOSED.'),
});

const PUBLISH_DEFAULTS = { as: 'publish', kind: 1, content: 'reqbench', await: 'ok' } as const;

const publish = strict({
  as: label.default(PUBLISH_DEFAULTS.as).describe('Label of this EVENT.'),
  kind: z.int().min(0).max(65_535).default(PUBLISH_DEFAULTS.kind).describe('Kind of the event.'),
  content: z.string().default(PUBLISH_DEFAULTS.content).describe('Content of the event, as it is.'),
  tags: z
    .array(tagSchema)
    .default([])
    .describe('Tags of the event; a tag [reqbench, n] is added, so that no two events are the same.'),
  await: z
    .enum(['ok', 'none'])
    .default(PUBLISH_DEFAULTS.await)
    .describe('Whether the next step waits for OK.'),
});

const expectation = strict({
  of: label.default('req').describe('Label of an earlier REQ; its latest one is meant.'),
  within: duration
    .optional()
    .describe("How long after that REQ was due; the scenario's deadline if left out."),
  events: z.int().min(0).optional().describe('How many events must have come, stored and live.'),
  closed: z
    .string()
    .regex(/^[a-z][a-z-]*$/, { error: 'a prefix such as auth-required' })
    .optional()
    .describe('The prefix of the CLOSED that must have come, such as auth-required.'),
});

const auth = strict({
  within: duration
    .prefault('0ms')
    .describe('How long to wait for a challenge. Later refusals are answered by AUTH in any case.'),
});

/** Each upgrade takes a port of this machine that stays taken for a minute: some 28,000 there are. */
const MOST_UPGRADES_PER_S = 400;
const LONGEST_HTTP_MS = 600_000;

const http = strict({
  as: label.default('http').describe('Label of this load in metrics.'),
  request: z
    .enum(['nip11', 'upgrade'])
    .default('nip11')
    .describe(
      '`nip11`: the information document. `upgrade`: WebSocket handshakes, each on a connection of its own.',
    ),
  connections: z.int().min(1).max(200).default(10).describe('How many connections ask at a time.'),
  rate: rate
    .refine((perS) => perS >= 1 && perS <= 20_000, { error: 'a rate of HTTP requests is 1/s to 20000/s' })
    .optional()
    .describe('Requests of all connections together; as fast as the answers come if left out.'),
  for: duration
    .refine((ms) => ms > 0 && ms <= LONGEST_HTTP_MS, { error: 'HTTP load lasts up to 10m' })
    .describe('How long it goes on; the step is over then.'),
}).check((context) => {
  const { request, rate: perS } = context.value;
  if (context.issues.length > 0) return;
  if (perS !== undefined && context.value.for % 1_000 !== 0) {
    const message =
      'a rate of HTTP requests is given out second by second: `for` takes whole seconds with it';
    context.issues.push({ code: 'custom', input: context.value, message });
  }
  if (request !== 'upgrade') return;
  if (perS !== undefined && perS <= MOST_UPGRADES_PER_S) return;
  const message = `upgrades need a rate of up to ${MOST_UPGRADES_PER_S}/s: each takes a port for a minute`;
  context.issues.push({ code: 'custom', input: context.value, message });
});

const RAW_LABEL = 'raw';

const raw = z.union([
  z.string().transform((text): ScriptStep => ({ do: 'raw', as: RAW_LABEL, frame: 'text', text })),
  rawPayload({ as: label.default(RAW_LABEL).describe('Label of its lateness in metrics.') }).transform(
    (given): ScriptStep => ({ do: 'raw', ...given }),
  ),
]);

const REPEAT_KEYS = ['times', 'every'] as const;

const repeat = strict({
  times: z.int().min(1).max(1_000_000).optional().describe('How many times, one after another.'),
  every: strict(OPEN_ARRIVALS)
    .check(exactlyOne(Object.keys(OPEN_ARRIVALS)))
    .meta(oneOfKeys(Object.keys(OPEN_ARRIVALS)))
    .optional()
    .describe('On a schedule, whatever is unanswered: {poisson: 500/s}. Needs `for`.'),
  for: duration.optional().describe('How long the schedule of `every` goes on.'),
  do: z
    .array(z.lazy(() => stepSchema))
    .min(1)
    .describe('The steps; each iteration draws new values.'),
})
  .check(exactlyOne(REPEAT_KEYS), (context) => {
    const { every, for: forMs } = context.value;
    if (context.issues.length > 0 || (every === undefined) === (forMs === undefined)) return;
    const message = every ? '`every` needs `for: 10s`' : '`for` goes with `every`, not with `times`';
    context.issues.push({ code: 'custom', input: context.value, message });
  })
  .meta({ ...oneOfKeys(REPEAT_KEYS), dependentRequired: { every: ['for'], for: ['every'] } })
  .transform((given): ScriptStep => {
    const arrivals = openArrivals(given.every ?? {});
    return arrivals && given.for !== undefined
      ? { do: 'repeat-every', arrivals, forMs: given.for, steps: given.do }
      : { do: 'repeat', times: given.times ?? 1, steps: given.do };
  });

const reconnect = strict({
  after: duration.prefault('0ms').describe('How long the client stays away.'),
});

const parallel = z
  .array(z.array(z.lazy(() => stepSchema)).min(1))
  .min(2)
  .max(100)
  .describe('Lists of steps that begin at once; the step is over when all of them are.');

const STEPS = {
  connect: empty
    .transform((): ScriptStep => ({ do: 'connect' }))
    .optional()
    .describe('Open a WebSocket.'),
  auth: auth
    .transform(({ within }): ScriptStep => ({ do: 'auth', withinMs: within }))
    .optional()
    .describe(
      'Wait for a challenge and answer it; from here on, answer refusals by AUTH and ask again once.',
    ),
  req: req
    .transform((given): ScriptStep => ({ do: 'req', ...given }))
    .optional()
    .describe('Send a REQ.'),
  count: count
    .transform((given): ScriptStep => ({ do: 'count', ...given }))
    .optional()
    .describe('Send a COUNT (NIP-45).'),
  publish: publish
    .transform((given): ScriptStep => ({ do: 'publish', ...given }))
    .optional()
    .describe("Send an EVENT, signed by the client's own identity."),
  http: http
    .transform(
      ({ rate: perS, for: forMs, ...given }): ScriptStep => ({
        do: 'http',
        ...given,
        ...(perS === undefined ? {} : { perS: Math.round(perS) }),
        forMs,
      }),
    )
    .optional()
    .describe('HTTP load by autocannon, beside the WebSockets.'),
  raw: raw.optional().describe('Send a text, or bytes, as they are.'),
  close: label
    .transform((of): ScriptStep => ({ do: 'close', of }))
    .optional()
    .describe('CLOSE the latest open REQ with this label.'),
  expect: expectation
    .transform(({ within, ...given }): ScriptStep => ({ do: 'expect', withinMs: within, ...given }))
    .optional()
    .describe("A check of the scenario's own about an earlier REQ."),
  wait: duration
    .transform((ms): ScriptStep => ({ do: 'wait', ms }))
    .optional()
    .describe('The next step is due this much later.'),
  think: pause
    .transform((given): ScriptStep => ({ do: 'think', pause: given }))
    .optional()
    .describe('A wait as of a person, drawn anew every time.'),
  'slow-read': readRate
    .transform((rate): ScriptStep => ({ do: 'slow-read', rate }))
    .optional()
    .describe('From here on, read no faster from this connection.'),
  reconnect: reconnect
    .transform(({ after }): ScriptStep => ({ do: 'reconnect', afterMs: after }))
    .optional()
    .describe('Close the WebSocket and open another.'),
  parallel: parallel
    .transform((branches): ScriptStep => ({ do: 'parallel', branches }))
    .optional()
    .describe('Do several things at once.'),
  repeat: repeat.optional().describe('Repeat steps, a number of times or on a schedule.'),
  disconnect: empty
    .transform((): ScriptStep => ({ do: 'disconnect' }))
    .optional()
    .describe('Close the WebSocket.'),
};

/** Names of all steps. */
export const STEP_NAMES: readonly string[] = Object.keys(STEPS);

const SHORT_FORMS: Readonly<Record<string, ScriptStep>> = {
  connect: { do: 'connect' },
  auth: { do: 'auth', withinMs: 0 },
  publish: { do: 'publish', ...PUBLISH_DEFAULTS, tags: [] },
  close: { do: 'close', of: 'req' },
  disconnect: { do: 'disconnect' },
  reconnect: { do: 'reconnect', afterMs: 0 },
};

const shortStep = z
  .enum(Object.keys(SHORT_FORMS))
  .transform((name): ScriptStep => SHORT_FORMS[name] ?? { do: 'connect' });

const longStep = strict(STEPS)
  .check(exactlyOne(STEP_NAMES))
  .meta({ minProperties: 1, maxProperties: 1 })
  // Where there is no step, an issue says so already, and this value goes nowhere.
  .transform((given): ScriptStep => Object.values(given).find((step) => step !== undefined) ?? z.NEVER);

/** A step: its name alone (`- connect`), or its name and settings (`- req: {…}`). */
export const stepSchema: z.ZodType<ScriptStep> = z.union([shortStep, longStep]).meta({ id: 'step' });
