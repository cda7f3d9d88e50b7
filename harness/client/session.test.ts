import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { NS_PER_MS, nowNs } from '../clock.js';
import { deriveSecretKey, publicKeyOf } from '../corpus/keys.js';
import { signEvent } from '../corpus/signature.js';
import { SharedDeliveryTimes } from '../load/delivery-times.js';
import { NO_PEERS } from '../load/peers.js';
import { createScheduler } from '../load/scheduler.js';
import type { Step } from '../scenario/plan.js';
import type { Workload } from '../scenario/workload.js';
import { createFrameReader } from './frame.js';
import { createKnownEvents } from './known-events.js';
import { Session } from './session.js';
import type { ConnectionLoss, Expectation, SessionContext } from './session-context.js';

type Answer = (message: unknown[], send: (...message: unknown[]) => void, socket: WebSocket) => void;

const SECRET_KEY = deriveSecretKey({ seed: 1 }, 0);
const EVENT = signEvent(
  { kind: 1, created_at: 1_700_000_000, tags: [], content: 'hello' },
  { secretKey: SECRET_KEY, publicKey: publicKeyOf(SECRET_KEY) },
  new Uint8Array(32),
);
const REQ = { do: 'req', as: 'lookup', request: 0, await: 'eose' } as const;
/** A computed key: the linter takes an object with `then` for a promise. */
const THEN = 'then';
const ASK: Step = { ...REQ, [THEN]: 'close' };
const SUBSCRIBE: Step = { ...REQ, [THEN]: 'keep' };
const PUBLISH: Step = { do: 'publish', as: 'publish', publish: 0, await: 'ok' };

const WORKLOAD: Workload = {
  planFingerprint: '',
  corpusFile: '',
  phases: [],
  sessions: [],
  requests: [{ filters: [{ kinds: [1] }], filtersJson: '{"kinds":[1]}', answers: [] }],
  publishes: [{ event: EVENT, json: JSON.stringify(EVENT) }],
};

/** A relay that answers as the test says, and a session that has run its script against it. */
async function play(steps: readonly Step[], answer: Answer) {
  const got: unknown[][] = [];
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.close());
  let hungUp: Promise<unknown> = Promise.resolve();
  server.on('connection', (socket) => {
    hungUp = new Promise((resolve) => socket.once('close', resolve));
    const send = (...message: unknown[]) => socket.send(JSON.stringify(message));
    answer(['connected'], send, socket);
    socket.on('message', (text) => {
      const message = JSON.parse(text.toString());
      got.push(message);
      answer(message, send, socket);
    });
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const samples: { metric: string; ms: number; req: string | undefined }[] = [];
  const counts: string[] = [];
  const expectations: Expectation[] = [];
  const losses: ConnectionLoss[] = [];
  const known = createKnownEvents([]);
  known.register(EVENT, JSON.stringify(EVENT));
  const scheduler = createScheduler(nowNs);
  const context: SessionContext = {
    workload: WORKLOAD,
    url: `ws://127.0.0.1:${port}`,
    authUrl: 'ws://relay.test',
    sourceAddresses: [],
    clock: nowNs,
    at: scheduler.at,
    wallClockMs: Date.now,
    reader: createFrameReader(known),
    wire: { opened() {}, sent() {}, paced() {}, got() {}, closed() {} },
    samples: {
      sample: (metric, durationNs, _due, _client, req) =>
        samples.push({ metric, ms: durationNs / NS_PER_MS, req }),
      count: (metric) => counts.push(metric),
      http() {},
      received() {},
    },
    nextConnection: () => 1,
    isOwed: () => false,
    connectionOpened() {},
    publishBase: 0,
    deliveryTimes: new SharedDeliveryTimes(NO_PEERS, false),
    writable: true,
    signAuth: ({ challenge }) => ({
      ...EVENT,
      kind: 22242,
      tags: [['challenge', challenge]],
      id: 'a'.repeat(64),
    }),
    expectation: (outcome) => expectations.push(outcome),
    connectionLost: (loss) => losses.push(loss),
  };
  await new Session({ client: 'reader', phase: 0, startUs: 0, secretKey: SECRET_KEY, steps }, context).run(
    nowNs(),
  );
  await hungUp;
  const ms = (metric: string) => samples.filter((one) => one.metric === metric).map((one) => one.ms);
  return { got, labels: got.map(([label]) => label), samples, ms, counts, expectations, losses };
}

const eoseAtOnce = ([label, subscription]: unknown[], send: (...message: unknown[]) => void): void => {
  if (label === 'REQ') send('EOSE', subscription);
};

test('a step is due when the answer that the one before awaits has come, not before', async () => {
  let open = 0;
  let mostOpen = 0;
  const { labels, ms } = await play([{ do: 'connect' }, ASK, ASK], ([label, subscription], send) => {
    if (label !== 'REQ') return;
    open += 1;
    mostOpen = Math.max(mostOpen, open);
    setTimeout(() => {
      open -= 1;
      send('EOSE', subscription);
    }, 60);
  });
  expect(labels).toEqual(['REQ', 'CLOSE', 'REQ', 'CLOSE']);
  expect(mostOpen).toBe(1);
  expect(Math.min(...ms('req.eose'))).toBeGreaterThanOrEqual(59);
});

test('a schedule goes on while answers are missing, and latency counts from when a REQ was due', async () => {
  const held: (() => void)[] = [];
  const iterations = [0, 40, 80, 120].map((atMs) => ({ atUs: atMs * 1_000, steps: [ASK] }));
  const { got, ms } = await play([{ do: 'connect' }, { do: 'repeat', iterations }], ([label, id], send) => {
    if (label !== 'REQ') return;
    held.push(() => send('EOSE', id));
    if (held.length === 4) for (const answer of held) answer();
  });
  expect(got.filter(([label]) => label === 'REQ')).toHaveLength(4);
  const [first = 0, , , last = 0] = ms('req.eose').toSorted((a, b) => b - a);
  expect(first - last).toBeGreaterThanOrEqual(110);
});

test('a REQ that is refused for want of AUTH is sent again after it, and counts as one', async () => {
  let isKnown = false;
  const { labels, ms, counts } = await play(
    [{ do: 'connect' }, { do: 'auth', withinMs: 0 }, ASK],
    ([label, second], send) => {
      if (label === 'REQ' && !isKnown) {
        send('AUTH', 'a challenge');
        send('CLOSED', second, 'auth-required: who are you?');
      } else if (label === 'AUTH') {
        isKnown = true;
        send('OK', 'a'.repeat(64), true, '');
      } else eoseAtOnce([label, second], send);
    },
  );
  expect(labels).toEqual(['REQ', 'AUTH', 'REQ', 'CLOSE']);
  expect(ms('req.eose')).toHaveLength(1);
  expect(ms('auth')).toHaveLength(1);
  expect(counts).toEqual([]);
});

test('a COUNT counts from when it was due to its answer; a refused one is sent again after AUTH, or counts as refused', async () => {
  const count: Step = { do: 'count', as: 'likes', request: 0, await: 'answer' };
  let refusals = 0;
  const { got, samples, counts } = await play(
    [{ do: 'connect' }, { do: 'auth', withinMs: 0 }, count, count, count],
    ([label, second], send) => {
      if (label === 'AUTH') send('OK', 'a'.repeat(64), true, '');
      if (label !== 'COUNT') return;
      refusals += 1;
      if (refusals === 1) {
        send('AUTH', 'a challenge');
        send('CLOSED', second, 'auth-required: who are you?');
      } else if (refusals === 4) send('CLOSED', second, 'unsupported: counted enough');
      else setTimeout(() => send('COUNT', second, { count: 3 }), 30);
    },
  );
  expect(got.map(([label, id]) => (label === 'COUNT' ? id : label))).toEqual([
    'q1',
    'AUTH',
    'q2',
    'q3',
    'q4',
  ]);
  const latencies = samples.filter(({ metric }) => metric === 'count.latency');
  expect(latencies.map(({ req }) => req)).toEqual(['likes', 'likes']);
  expect(Math.min(...latencies.map(({ ms }) => ms))).toBeGreaterThanOrEqual(29);
  expect(counts).toEqual(['refused']);
});

test('an AUTH that is refused leaves the REQ refused, and the script goes on', async () => {
  const { labels, counts } = await play(
    [{ do: 'connect' }, { do: 'auth', withinMs: 0 }, ASK, PUBLISH],
    ([label, second], send) => {
      if (label === 'REQ') {
        send('AUTH', 'a challenge');
        send('CLOSED', second, 'auth-required: who are you?');
      }
      if (label === 'AUTH') send('OK', 'a'.repeat(64), false, 'restricted: not you');
      if (label === 'EVENT') send('OK', EVENT.id, true, '');
    },
  );
  expect(labels).toEqual(['REQ', 'AUTH', 'EVENT']);
  expect(counts).toEqual(['refused']);
});

test('waiting for a challenge ends when it comes, or after the time that the step gives it', async () => {
  const offered = await play([{ do: 'connect' }, { do: 'auth', withinMs: 5_000 }], ([label, event], send) => {
    if (label === 'connected') send('AUTH', 'a challenge');
    if (label === 'AUTH') send('OK', (event as { id: string }).id, true, '');
  });
  expect(offered.labels).toEqual(['AUTH']);
  const never = await play([{ do: 'connect' }, { do: 'auth', withinMs: 50 }, ASK], eoseAtOnce);
  expect(never.labels).toEqual(['REQ', 'CLOSE']);
});

test('delivery counts from when the EVENT was due, on subscriptions that are past EOSE', async () => {
  const { ms } = await play(
    [{ do: 'connect' }, SUBSCRIBE, PUBLISH, { do: 'wait', ms: 80 }],
    ([label, second], send) => {
      eoseAtOnce([label, second], send);
      if (label !== 'EVENT') return;
      send('OK', EVENT.id, true, '');
      setTimeout(() => send('EVENT', 'r1', EVENT), 30);
    },
  );
  expect(ms('event.ok')).toHaveLength(1);
  expect(ms('event.delivery')).toHaveLength(1);
  expect(ms('event.delivery')[0]).toBeGreaterThanOrEqual(29);
});

test('an expectation says what was expected and what came', async () => {
  const { expectations } = await play(
    [{ do: 'connect' }, ASK, { do: 'expect', of: 'lookup', withinMs: 50, events: 2 }],
    ([label, subscription], send) => {
      if (label !== 'REQ') return;
      send('EVENT', subscription, EVENT);
      send('EOSE', subscription);
    },
  );
  expect(expectations).toMatchObject([
    { met: false, message: 'expected of lookup within 50 ms: 2 events and EOSE; came: 1 events, EOSE' },
  ]);
});

test('a relay that hangs up in the middle of an answer ends the session, and that is told', async () => {
  const { losses, labels } = await play([{ do: 'connect' }, ASK, ASK], ([label], _send, socket) => {
    if (label === 'REQ') socket.close(1011, 'out of memory');
  });
  expect(labels).toEqual(['REQ']);
  expect(losses).toEqual([{ client: 'reader', stage: 'open', detail: '1011 out of memory' }]);
});

test('branches run at once, and the step after them waits for the longest', async () => {
  let open = 0;
  let mostOpen = 0;
  const branches: Step = { do: 'repeat', iterations: [1, 2, 3].map(() => ({ atUs: 0, steps: [ASK] })) };
  const { labels } = await play([{ do: 'connect' }, branches, ASK], ([label, subscription], send) => {
    if (label !== 'REQ') return;
    open += 1;
    mostOpen = Math.max(mostOpen, open);
    setTimeout(() => {
      open -= 1;
      send('EOSE', subscription);
    }, 50);
  });
  expect(mostOpen).toBe(3);
  expect(labels.slice(0, 3)).toEqual(['REQ', 'REQ', 'REQ']);
  expect(labels.slice(-2)).toEqual(['REQ', 'CLOSE']);
});

/** An answer of some 400 kB in messages of 4 kB. */
const longAnswer: Answer = ([label, subscription], send) => {
  if (label !== 'REQ') return;
  for (let index = 0; index < 100; index += 1) {
    send('EVENT', subscription, { ...EVENT, content: 'x'.repeat(4_000) });
  }
  send('EOSE', subscription);
};

test('a slow reader takes as long as its rate says, and reads on at full speed after it', async () => {
  const slow: Step = { do: 'slow-read', rate: 1_000_000 };
  const full: Step = { do: 'slow-read', rate: 'full' };
  const { ms } = await play([{ do: 'connect' }, slow, ASK, full, ASK], longAnswer);
  const [slowMs = 0, fullMs = 0] = ms('req.eose');
  // What the last piece that was read together holds doesn't delay itself: at most 64 KiB of the 400 kB.
  expect(slowMs).toBeGreaterThan(300);
  expect(slowMs).toBeGreaterThan(2 * fullMs);
});

test('a client that stops to read gets nothing until it goes on', async () => {
  const steps: Step[] = [
    { do: 'connect' },
    { do: 'slow-read', rate: 0 },
    { ...SUBSCRIBE, await: 'none' } as Step,
    { do: 'wait', ms: 300 },
    { do: 'slow-read', rate: 'full' },
    { do: 'expect', of: 'lookup', withinMs: 20_000, events: 100 },
  ];
  const { ms, expectations } = await play(steps, longAnswer);
  expect(ms('req.ttfe')[0]).toBeGreaterThanOrEqual(300);
  expect(expectations[0]).toMatchObject({ met: true });
});
