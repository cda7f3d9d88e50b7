import { availableParallelism } from 'node:os';
import { type BenchCase, median } from '../bench-case.js';
import { makeEvents, signedEvents } from '../events.js';
import { ALL_SUBJECTS, RELAYS, type Subject, withSubject } from '../subjects.js';
import { verificationRate } from '../verification-loop.js';
import { WireClient } from '../wire-client.js';
import { sendInFlight } from './live.js';

const EVENTS = 4_000;
/** With fewer, V8 still compiles while is measured, which takes a tenth of a core. */
const WARM_UP = 4_000;
/** Publishes, and REQs, before the waiting of REQs is measured. */
const ASKING_WARM_UP = 500;
const CONNECTIONS = 4;
const IN_FLIGHT = 32;

/** Threads that verify, the relay's own among them. Four need a core more than that, for whoever publishes. */
const THREADS = [1, 2, 4].filter((threads) => threads <= 2 || threads < availableParallelism());

const GOAL = '≥ 85 % of bare verification on as many threads';

/** EVENTs that are verified, stored and answered, against threads that verify the same events and do nothing else. */
export const ingest: BenchCase = {
  name: 'ingest',
  title: 'EVENT ingest, verification on, 4 connections (bare: verification alone, on as many threads)',
  subjects: ALL_SUBJECTS,
  figures: THREADS.flatMap((threads) => [
    { name: `rate${threads}`, title: `events per second, ${threads} verifying`, unit: '1/s', goal: GOAL },
    { name: `cpu${threads}`, title: `core time per event, ${threads} verifying`, unit: 'ms' },
    { name: `all${threads}`, title: `core time per event and client, ${threads} verifying`, unit: 'ms' },
  ]),
  async prepare() {
    const events = await signedEvents(EVENTS + WARM_UP);
    const [warmUp, measured] = [events.slice(0, WARM_UP), events.slice(WARM_UP)];
    return async (name) => {
      const figures: Record<string, number> = {};
      for (const threads of THREADS) {
        const settings = { verifyThreads: threads - 1 };
        const { rate, cpu, client } =
          name === 'bare'
            ? { ...(await verificationRate(threads, warmUp, measured)), client: 0 }
            : await withSubject(name, { settings }, (subject) => ingestRate(subject, warmUp, measured));
        figures[`rate${threads}`] = rate;
        figures[`cpu${threads}`] = cpu;
        figures[`all${threads}`] = cpu + client;
      }
      return figures;
    };
  },
};

/** Publishing beside which a client asks. */
const PUBLISHES = 2_500;

/** How long a REQ waits while others publish as fast as they are answered. */
export const requestsUnderIngest: BenchCase = {
  name: 'req-under-ingest',
  title: 'Time to EOSE (limit 20) while 4 connections publish, 32 unanswered each',
  subjects: RELAYS,
  figures: [
    { name: 'quiet', title: 'nobody publishes, p50', unit: 'ms' },
    ...[0, 1].flatMap((threads): BenchCase['figures'] => [
      { name: `p50with${threads}`, title: `${threads} verification threads, p50`, unit: 'ms' },
      { name: `p99with${threads}`, title: `${threads} verification threads, p99`, unit: 'ms' },
      {
        name: `rate${threads}`,
        title: `events taken in per second, ${threads} verification threads`,
        unit: '1/s',
      },
    ]),
  ],
  async prepare(dir) {
    const events = await signedEvents(PUBLISHES + ASKING_WARM_UP);
    const { file } = await makeEvents(dir, 10_000);
    return async (name) => {
      const figures: Record<string, number> = {};
      for (const verifyThreads of [0, 1]) {
        const options = { preloadFile: file, settings: { verifyThreads } };
        const { quiet, busy, rate } = await withSubject(name, options, (subject) =>
          askBeside(subject, events),
        );
        figures.quiet ??= median(quiet);
        figures[`p50with${verifyThreads}`] = median(busy);
        figures[`p99with${verifyThreads}`] = percentile(busy, 0.99);
        figures[`rate${verifyThreads}`] = rate;
      }
      return figures;
    };
  },
};

async function ingestRate(
  subject: Subject,
  warmUp: readonly string[],
  events: readonly string[],
): Promise<{ readonly rate: number; readonly cpu: number; readonly client: number }> {
  const publishers = await connect(subject, CONNECTIONS);
  await publishOver(publishers, warmUp);
  const cpuBefore = subject.cpuTimeMs();
  const ownBefore = process.cpuUsage();
  const startedMs = performance.now();
  await publishOver(publishers, events);
  const ms = performance.now() - startedMs;
  const cpu = (subject.cpuTimeMs() - cpuBefore) / events.length;
  const { user, system } = process.cpuUsage(ownBefore);
  const client = (user + system) / 1_000 / events.length;
  for (const client of publishers) client.end();
  return { rate: events.length / (ms / 1_000), cpu, client };
}

interface Asked {
  /** Times to EOSE in ms, before and beside the publishing. */
  readonly quiet: readonly number[];
  readonly busy: readonly number[];
  /** Events published per second. */
  readonly rate: number;
}

async function askBeside(subject: Subject, events: readonly string[]): Promise<Asked> {
  const publishers = await connect(subject, CONNECTIONS);
  const asking = await WireClient.connect(subject.url);
  const ask = async (): Promise<number> => (await asking.request({ limit: 20 })).ms;
  await publishOver(publishers, events.slice(0, ASKING_WARM_UP));
  for (let i = 0; i < ASKING_WARM_UP; i += 1) await ask();
  const quiet: number[] = [];
  for (let i = 0; i < ASKING_WARM_UP; i += 1) quiet.push(await ask());
  let isPublishing = true;
  const startedMs = performance.now();
  const published = publishOver(publishers, events.slice(ASKING_WARM_UP)).then(() => {
    isPublishing = false;
    return performance.now() - startedMs;
  });
  const busy: number[] = [];
  while (isPublishing) busy.push(await ask());
  const rate = PUBLISHES / ((await published) / 1_000);
  for (const client of [...publishers, asking]) client.end();
  return { quiet, busy, rate };
}

async function connect({ url }: Subject, count: number): Promise<readonly WireClient[]> {
  const clients: WireClient[] = [];
  for (let i = 0; i < count; i += 1) clients.push(await WireClient.connect(url));
  return clients;
}

async function publishOver(clients: readonly WireClient[], events: readonly string[]): Promise<void> {
  const share = (index: number): readonly string[] => events.filter((_, i) => i % clients.length === index);
  await Promise.all(clients.map((client, index) => sendInFlight(client, share(index), IN_FLIGHT)));
}

/** The value that `share` of all are at or under. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
