import { describe, expect, it } from 'vitest';
import { conform } from '../../harness/conformance/conform.js';
import { select } from '../../harness/conformance/conform-selection.js';
import type { CheckResult } from '../../harness/results.js';
import type { Relay, RelaySettingsInput } from '../../relays/relay.js';
import { type Alteration, alteredRelay, type Message } from './altering-proxy.js';

async function check(relay: Relay, id: string, settings: RelaySettingsInput = {}): Promise<CheckResult> {
  const results = await conform({
    relays: [relay],
    selection: select([id]),
    settings,
    allowedKeys: [],
    strict: true,
    signal: new AbortController().signal,
    watch: { onRelay: () => {}, onResult: () => {}, onRelayDone: () => {} },
  });
  const found = results.relays[0]?.conformance?.checks.find((one) => one.id === id);
  if (!found) throw new Error(`no result for ${id}`);
  return found;
}

const faithful = () => alteredRelay(() => ({}));

const unless = (drop: (message: Message) => boolean) => (message: Message) =>
  drop(message) ? [] : [message];

function refusals(instead: (message: Message) => readonly Message[]): Alteration {
  return { toClient: (message) => (message[0] === 'CLOSED' ? instead(message) : [message]) };
}

/** Changes the filters of each REQ. */
function filtered(change: (filter: Record<string, unknown>) => object): Alteration {
  return {
    toRelay: ([label, id, ...filters]) =>
      label === 'REQ'
        ? [[label, id, ...filters.map((one) => change(one as Record<string, unknown>))]]
        : [[label, id, ...filters]],
  };
}

/** Lets stored events through and drops those that come after EOSE, all or one in so many. */
function dropsLive(oneIn = 1): Alteration {
  const ended = new Set<unknown>();
  let seen = 0;
  return {
    toClient([label, id, ...rest]) {
      if (label === 'EOSE') ended.add(id);
      if (label !== 'EVENT' || !ended.has(id)) return [[label, id, ...rest]];
      seen += 1;
      return seen % oneIn === 0 ? [] : [[label, id, ...rest]];
    },
  };
}

/** Sends the first two events of an answer in the other order. */
function swaps(): Alteration {
  let held: Message | undefined;
  return {
    toClient(message) {
      if (message[0] === 'EVENT' && !held) {
        held = message;
        return [];
      }
      const waiting = held ? [held] : [];
      held = message[0] === 'EOSE' ? undefined : held;
      if (message[0] === 'EVENT') {
        held = undefined;
        return [message, ...waiting];
      }
      return [...waiting, message];
    },
  };
}

const MUTANTS: readonly (readonly [string, string, () => Alteration, RelaySettingsInput?])[] = [
  ['drops EOSE', 'nip01/req/eose-no-match', () => ({ toClient: unless(([label]) => label === 'EOSE') })],
  [
    'refuses a REQ by NOTICE alone',
    'nip01/req/refused/short-id',
    () => refusals(([, , why]) => [['NOTICE', why]]),
  ],
  [
    'sends EOSE after CLOSED',
    'nip01/req/refused/bad-filter-only',
    () => refusals((m) => [m, ['EOSE', m[1]]]),
  ],
  ['closes without a prefix', 'closed/prefix', () => refusals(([label, id]) => [[label, id, 'no']])],
  [
    'answers every EVENT twice',
    'nip01/event/ok-once',
    () => ({ toClient: (m) => (m[0] === 'OK' ? [m, m] : [m]) }),
  ],
  [
    'never answers an EVENT',
    'nip01/event/ok-once',
    () => ({ toClient: unless(([label]) => label === 'OK') }),
  ],
  [
    'says OK true to everything',
    'nip01/event/wrong-signature',
    () => ({ toClient: (m) => (m[0] === 'OK' ? [['OK', m[1], true, '']] : [m]) }),
  ],
  [
    'refuses without a reason',
    'closed/ok-prefix',
    () => ({ toClient: (m) => (m[0] === 'OK' && m[2] === false ? [['OK', m[1], false, '']] : [m]) }),
  ],
  [
    'calls a valid event invalid',
    'nip01/event/valid-accepted',
    () => ({ toClient: (m) => (m[0] === 'OK' ? [['OK', m[1], false, 'invalid: no']] : [m]) }),
  ],
  [
    'alters content',
    'nip01/event/escapes',
    () => ({
      toClient: ([label, id, event, ...rest]) =>
        label === 'EVENT'
          ? [[label, id, { ...(event as object), content: 'altered' }]]
          : [[label, id, event, ...rest]],
    }),
  ],
  ['sends no live events', 'nip01/live/matching', () => dropsLive()],
  ['loses one live event in fifty', 'race/hand-over', () => dropsLive(50)],
  [
    'ignores CLOSE',
    'nip01/live/nothing-after-close',
    () => ({ toRelay: unless(([label]) => label === 'CLOSE') }),
  ],
  ['swaps two stored events', 'nip01/req/order', swaps],
  ['ignores limit', 'nip01/req/limit-newest', () => filtered(({ limit: _, ...rest }) => rest)],
  [
    'takes since for exclusive',
    'nip01/req/since-inclusive',
    () => filtered((one) => (typeof one.since === 'number' ? { ...one, since: one.since + 1 } : one)),
  ],
  ['ignores kinds', 'nip01/live/not-matching', () => filtered(({ kinds: _, ...rest }) => rest)],
  [
    'ignores the second filter',
    'nip01/req/or',
    () => ({ toRelay: (m) => [m[0] === 'REQ' ? m.slice(0, 3) : m] }),
  ],
  [
    'drops every message past the hundredth REQ',
    'transport/many-at-once',
    () => {
      let asked = 0;
      return {
        toRelay(message) {
          asked += message[0] === 'REQ' ? 1 : 0;
          return asked > 100 ? [] : [message];
        },
      };
    },
  ],
  [
    'takes any AUTH',
    'nip42/wrong-challenge',
    () => ({ toClient: (m) => (m[0] === 'OK' ? [['OK', m[1], true, '']] : [m]) }),
    { access: 'auth-required' },
  ],
  [
    'asks for AUTH without a challenge',
    'nip42/challenge-offered',
    () => ({ toClient: unless(([label]) => label === 'AUTH') }),
    { access: 'auth-required' },
  ],
];

describe.concurrent('a relay that breaks one rule fails the probe of that rule, with the wire to show it', () => {
  it.each(MUTANTS.map(([what, id, alter, settings = {}]) => ({ what, id, alter, settings })))(
    '$what: $id',
    async ({ id, alter, settings }) => {
      const broken = await check(alteredRelay(alter), id, settings);
      expect(broken).toMatchObject({ id, result: 'failed', failedCases: 1 });
      expect(broken.failures[0]?.excerpt.some(({ direction }) => direction === 'sent')).toBe(true);
    },
  );
});

describe.concurrent('the proxy without an alteration is accused of nothing', () => {
  const probed = [
    ...new Map(MUTANTS.map(([, id, , settings]): [string, RelaySettingsInput] => [id, settings ?? {}])),
  ];
  it.each(probed)('%s', async (id, settings) => {
    expect(await check(faithful(), id, settings)).toMatchObject({ id, result: 'passed', failures: [] });
  });
});

describe('what a probe needs', () => {
  it('is named where it is not there', async () => {
    const attached = { ...faithful(), writable: false };
    expect(await check(attached, 'nip01/live/matching')).toMatchObject({
      result: 'not-tested',
      note: 'needs a relay that may be written to',
    });
  });

  it('is a claim, for optional NIPs', async () => {
    expect(await check(faithful(), 'nip45/count')).toMatchObject({ result: 'not-supported' });
  });

  it('is a policy of the relay, which is no fault', async () => {
    const refuses = (reason: string) =>
      alteredRelay(() => ({ toClient: (m) => (m[0] === 'OK' ? [['OK', m[1], false, reason]] : [m]) }));
    const id = 'nip01/event/valid-accepted';
    expect(await check(refuses('blocked: not on the list'), id)).toMatchObject({ result: 'not-tested' });
    expect(await check(refuses('pow: 20 bits'), 'nip01/req/and')).toMatchObject({ result: 'not-tested' });
  });
});
