/**
 * A client process that takes in answers as fast as it can, and says how fast: the subjects of the case harness-ceiling.
 * Its argument is a JSON file of {@link ReceivingOrder}; the rates go to stdout as JSON.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { WebSocket } from 'ws';
import { Dialogue } from '../harness/client/dialogue.js';
import { createFrameReader } from '../harness/client/frame.js';
import { createKnownEvents, type KnownEvents } from '../harness/client/known-events.js';
import { newRequest, until } from '../harness/client/request.js';
import type { SessionContext } from '../harness/client/session-context.js';
import { nowNs } from '../harness/clock.js';
import { createJudge, type Judge } from '../harness/conformance/index.js';
import { SharedDeliveryTimes } from '../harness/load/delivery-times.js';
import { NO_PEERS } from '../harness/load/peers.js';
import { PhaseClock } from '../harness/load/phase-clock.js';
import { createRoundSamples } from '../harness/load/round-samples.js';
import { RoundWire } from '../harness/load/round-wire.js';
import { WHOLE } from '../harness/load/share.js';
import { Recorder } from '../harness/measure/recorder.js';
import type { Workload, WorkloadRequest } from '../harness/scenario/workload.js';

/**
 * `bare`: a `ws` client that counts. `parsing`: one that parses each message besides. `judged`: a connection of the harness
 * with every invariant on; `unjudged`: with none.
 */
export type ReceivingClient = 'bare' | 'parsing' | 'judged' | 'unjudged';

export interface ReceivingOrder {
  readonly url: string;
  readonly client: ReceivingClient;
  readonly corpusFile: string;
  /** Asked in this order: first those that only warm up, then those that are measured. */
  readonly requests: readonly WorkloadRequest[];
  readonly warmUp: number;
  /** How often the measured requests are asked. */
  readonly passes: number;
}

export interface ReceivingRates {
  /** Events received per second over the first pass: none was seen before. */
  readonly first: number;
  /** And over the passes after it. */
  readonly again: number;
  /** Events per second of the client's own CPU time over those passes. */
  readonly ofCpu: number;
}

/** REQs that are unanswered at a time, so that the connection is never idle. */
const IN_FLIGHT = 4;

/** Asks for one answer; resolves at its EOSE with the events that came. */
type Ask = (request: number) => Promise<number>;

const order: ReceivingOrder = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
process.stdout.write(JSON.stringify(await measure()));
process.exit(0);

async function measure(): Promise<ReceivingRates> {
  const ask = await opened();
  const all = [...order.requests.keys()];
  const [warmUp, measured] = [all.slice(0, order.warmUp), all.slice(order.warmUp)];
  for (let pass = 0; pass < 4; pass += 1) await rateOf(ask, warmUp);
  const first = await rateOf(ask, measured);
  const again = await rateOf(ask, Array.from({ length: order.passes - 1 }, () => measured).flat());
  return { first: first.wall, again: again.wall, ofCpu: again.cpu };
}

/** Events per second, and per second of CPU time. */
async function rateOf(
  ask: Ask,
  requests: readonly number[],
): Promise<{ readonly wall: number; readonly cpu: number }> {
  let next = 0;
  let events = 0;
  const askOn = async (): Promise<void> => {
    for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
      events += await ask(request);
    }
  };
  const startedMs = performance.now();
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: IN_FLIGHT }, askOn));
  const { user, system } = process.cpuUsage(before);
  return { wall: events / ((performance.now() - startedMs) / 1e3), cpu: events / ((user + system) / 1e6) };
}

function opened(): Promise<Ask> {
  switch (order.client) {
    case 'bare':
      return countingClient(() => undefined);
    case 'parsing':
      return countingClient((payload) => JSON.parse(payload.toString()));
    case 'judged':
    case 'unjudged':
      return harnessClient();
  }
}

/** Answers come in the order of their REQs here, so frames are counted up to the next EOSE. */
async function countingClient(read: (payload: Buffer) => unknown): Promise<Ask> {
  const socket = new WebSocket(order.url, { perMessageDeflate: false });
  const waiting: { readonly name: string; readonly answered: (events: number) => void }[] = [];
  let names = 0;
  let events = 0;
  socket.on('message', (payload: Buffer) => {
    read(payload);
    if (payload[2] !== 0x45 || payload[3] !== 0x4f) {
      events += 1;
      return;
    }
    const first = waiting.shift();
    socket.send(`["CLOSE","${first?.name}"]`);
    first?.answered(events);
    events = 0;
  });
  // The challenge that the relay begins with is no event.
  await Promise.all([once(socket, 'open'), once(socket, 'message')]);
  events = 0;
  return (request) =>
    new Promise((resolve) => {
      names += 1;
      const name = `r${names}`;
      waiting.push({ name, answered: resolve });
      socket.send(`["REQ","${name}",${order.requests[request]?.filtersJson}]`);
    });
}

async function harnessClient(): Promise<Ask> {
  const lines = readFileSync(order.corpusFile, 'utf8').trimEnd().split('\n');
  const known = createKnownEvents(lines);
  const phases = new PhaseClock();
  phases.begin({ name: 'all', measure: true, durationMs: undefined }, nowNs());
  const samples = createRoundSamples(new Recorder(), phases);
  samples.measuring = true;
  const judge = order.client === 'judged' ? judgeOf(known) : undefined;
  const wire = new RoundWire({
    judge,
    trace: undefined,
    peers: NO_PEERS,
    share: WHOLE,
    onActivity: () => undefined,
  });
  const workload: Workload = {
    planFingerprint: '',
    corpusFile: order.corpusFile,
    phases: [],
    requests: order.requests,
    publishes: [],
    sessions: [],
  };
  const context: SessionContext = {
    workload,
    url: order.url,
    authUrl: '',
    sourceAddresses: [],
    clock: nowNs,
    at: () => Promise.resolve(true),
    wallClockMs: Date.now,
    reader: createFrameReader(known),
    wire: wire.listener(),
    samples,
    nextConnection: () => wire.nextNumber(),
    isOwed: () => false,
    connectionOpened: (connection) => wire.add(connection),
    publishBase: known.size,
    deliveryTimes: new SharedDeliveryTimes(NO_PEERS, false),
    writable: false,
    signAuth: () => {
      throw new Error('nobody asks for AUTH here');
    },
    expectation: () => undefined,
    connectionLost: ({ detail }) => {
      throw new Error(detail);
    },
  };
  const dialogue = new Dialogue(
    { client: 'reader', phase: 0, startUs: 0, secretKey: '', steps: [] },
    context,
  );
  await dialogue.open();
  return async (index) => {
    const request = newRequest({
      as: 'answer',
      request: index,
      dueNs: nowNs(),
      closesAtEose: true,
      subscription: dialogue.nextSubscription(),
    });
    dialogue.sendRequest(request);
    await until(request, () => request.ended);
    return request.events;
  };
}

function judgeOf(known: KnownEvents): Judge {
  return createJudge({
    known,
    loaded: known.size,
    access: 'open',
    claims: new Set([1, 9, 11, 40, 42, 45]),
    deadlineMs: 5_000,
    verify: () => {
      throw new Error('an event that nobody knows');
    },
  });
}
