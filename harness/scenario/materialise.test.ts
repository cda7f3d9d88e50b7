import { createHash } from 'node:crypto';
import type { Filter } from 'nostr-tools/filter';
import { getPublicKey, type NostrEvent, verifyEvent } from 'nostr-tools/pure';
import { expect, test } from 'vitest';
import type { Corpus } from '../corpus/corpus.js';
import { materialise } from './materialise.js';
import type { Plan } from './plan.js';

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const secret = (identity: number) => hash(`secret ${identity}`);
const publicKey = (identity: number) => getPublicKey(Buffer.from(secret(identity), 'hex'));

const EPOCH_S = 1_700_000_000;
const event: NostrEvent = {
  id: hash('event'),
  pubkey: publicKey(0),
  created_at: EPOCH_S - 5,
  kind: 1,
  tags: [],
  content: '',
  sig: '',
};
const corpus: Corpus = {
  file: 'corpus.jsonl',
  events: [event],
  lines: [JSON.stringify(event)],
  fingerprint: '',
  epochS: EPOCH_S,
  authors: [publicKey(0)],
  identitySecretKey: secret,
  identityPublicKey: publicKey,
};

const THEN = 'then';
const AFTERWARDS = { await: 'eose', [THEN]: 'close' } as const;

const plan: Plan = {
  seed: 5,
  phases: [{ name: 'p', measure: true, durationMs: undefined }],
  requests: [
    [{ ids: [{ event: 0 }], since: { epochPlusS: -60 }, limit: 3 }],
    [{ authors: [{ author: 0 }] }, { kinds: [7] }],
    [{ authors: [{ identity: 0 }] }, { kinds: [7] }],
    [{ authors: [{ author: 0 }, { identity: 0 }] }],
  ],
  publishes: [0, 0].map(() => ({
    identity: 1,
    kind: 1,
    createdAtEpochPlusS: 2,
    tags: [['e', { event: 0 }]],
    content: 'a "quoted" \u2028 text',
  })),
  sessions: [
    {
      client: 'one',
      phase: 0,
      startUs: 7,
      identity: 1,
      steps: [
        { do: 'connect' },
        { do: 'req', as: 'a', request: 2, ...AFTERWARDS },
        {
          do: 'repeat',
          iterations: [{ atUs: 3, steps: [{ do: 'req', as: 'b', request: 3, ...AFTERWARDS }] }],
        },
      ],
    },
  ],
  identities: 2,
  fingerprint: 'f',
};

function make() {
  const asked: Filter[] = [];
  const workload = materialise(plan, corpus, '/tmp/corpus.jsonl', (filter) => {
    asked.push(filter);
    return { newest: [asked.length], complete: true };
  });
  return { asked, workload };
}

test('references become ids, keys and times, and the exact text that is sent is kept', () => {
  const { requests } = make().workload;
  expect(requests[0]?.filters).toEqual([{ ids: [event.id], since: EPOCH_S - 60, limit: 3 }]);
  expect(requests[1]?.filtersJson).toBe(`{"authors":["${publicKey(0)}"]},{"kinds":[7]}`);
  expect(requests[2]?.filters).toEqual([{ authors: [publicKey(0)] }]);
});

test('requests that come out equal become one, and steps follow', () => {
  const { workload } = make();
  expect(workload.requests).toHaveLength(3);
  expect(workload.sessions[0]?.steps[1]).toMatchObject({ do: 'req', as: 'a', request: 1 });
  expect(workload.sessions[0]?.steps[2]).toMatchObject({
    iterations: [{ atUs: 3, steps: [{ request: 2 }] }],
  });
});

test('the oracle is asked once for each distinct filter', () => {
  const { asked, workload } = make();
  expect(asked).toEqual([
    { ids: [event.id], since: EPOCH_S - 60, limit: 3 },
    { authors: [publicKey(0)] },
    { kinds: [7] },
  ]);
  expect(workload.requests[2]?.answers).toEqual([{ newest: [2], complete: true }]);
});

test('publishes are signed by the identity, dated from the epoch, distinct, and the same every time', () => {
  const { publishes } = make().workload;
  const [first, second] = publishes;
  expect(publishes.every(({ event: signed }) => verifyEvent({ ...signed }))).toBe(true);
  expect(first?.event).toMatchObject({ pubkey: publicKey(1), created_at: EPOCH_S + 2, kind: 1 });
  expect(first?.event.tags).toEqual([
    ['e', event.id],
    ['reqbench', '0'],
  ]);
  expect(JSON.parse(first?.json ?? '')).toEqual(first?.event);
  expect(second?.event.id).not.toBe(first?.event.id);
  expect(make().workload).toEqual(make().workload);
});

test('sessions carry the secret key that AUTH needs', () => {
  const { workload } = make();
  expect(workload.sessions[0]).toMatchObject({ client: 'one', phase: 0, startUs: 7, secretKey: secret(1) });
  expect(workload).toMatchObject({ planFingerprint: 'f', corpusFile: '/tmp/corpus.jsonl' });
});

test('raw messages that are right ones get their answer and their number; others are nothing that must be served', () => {
  const raw = (text: string, frame: 'text' | 'binary' = 'text') => ({
    do: 'raw' as const,
    as: 'raw',
    frame,
    text,
  });
  const signed = { ...event, sig: '0'.repeat(128) };
  const mine = { ...signed, id: hash('mine') };
  const [session] = plan.sessions;
  if (!session) throw new Error('no session');
  const steps = [
    raw('["REQ", "x", {"kinds": [7]}, {"kinds": [3]}]'),
    raw('["REQ", "y", {"kinds": [7]}, {"kinds": [3]}]'),
    raw(JSON.stringify(['EVENT', signed])),
    raw(JSON.stringify(['EVENT', mine])),
    raw(JSON.stringify(['EVENT', mine]), 'binary'),
    raw('["REQ"'),
    { do: 'raw' as const, as: 'raw', frame: 'text' as const, base64: 'WyJDTE9TRSIsIngiXQ==' },
  ];
  const { requests, publishes, sessions } = materialise(
    { ...plan, sessions: [{ ...session, steps: [{ do: 'repeat', iterations: [{ atUs: 0, steps }] }] }] },
    corpus,
    'corpus.jsonl',
    ({ kinds = [] }) => ({ newest: kinds, complete: true }),
  );
  const [made] = sessions[0]?.steps ?? [];
  const [iteration] = made?.do === 'repeat' ? made.iterations : [];
  const means = iteration?.steps.map((step) => step.do === 'raw' && step.means);
  const request = requests.length - 1;
  const known = 1 + publishes.length - 1;
  expect(means).toEqual([
    { label: 'REQ', subscription: 'x', request },
    { label: 'REQ', subscription: 'y', request },
    { label: 'EVENT', event: signed, known: 0 },
    { label: 'EVENT', event: mine, known },
    { label: 'other', of: 'EVENT', id: mine.id, known },
    { label: 'other', known: undefined },
    { label: 'CLOSE', subscription: 'x' },
  ]);
  expect(requests.at(-1)).toMatchObject({ filtersJson: '{"kinds":[7]},{"kinds":[3]}' });
  expect(publishes.at(-1)?.event).toEqual(mine);
});

test('a plan of another corpus is refused', () => {
  const other = { ...plan, requests: [[{ ids: [{ event: 9 }] }]] };
  expect(() => materialise(other, corpus, '', () => ({ newest: [], complete: true }))).toThrow(RangeError);
});
