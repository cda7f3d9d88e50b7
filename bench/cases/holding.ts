import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchCase } from '../bench-case.js';
import { EVENT_BYTES, makeEvents } from '../events.js';
import { ALL_SUBJECTS, RELAYS, withSubject } from '../subjects.js';
import { WireClient } from '../wire-client.js';
import { medianRequestMs } from './answers.js';

const STORED = 100_000;
const IDLE = 2_000;

/** A process gives back what its start took by then. */
const SETTLE_MS = 1_000;

/** Anonymous memory of the process per stored event. */
export const memoryOfEvents: BenchCase = {
  name: 'memory-events',
  title: `Memory per stored event of ${EVENT_BYTES} B, ${STORED} stored`,
  subjects: RELAYS,
  figures: [{ name: 'event', title: 'anonymous memory per event', unit: 'bytes', goal: '< 1,500 B' }],
  async prepare(dir) {
    const [none, many] = [await makeEvents(dir, 1), await makeEvents(dir, STORED)];
    return async (name) => {
      const memory = (file: string): Promise<number> =>
        withSubject(name, { preloadFile: file }, async ({ anonymousBytes }) => {
          await sleep(SETTLE_MS);
          return anonymousBytes();
        });
      return { event: ((await memory(many.file)) - (await memory(none.file))) / STORED };
    };
  },
};

/**
 * Anonymous memory of the process per connection that says nothing. What connecting leaves behind is collected before the
 * goal's reading: whether V8 has done so by itself depends on how near the heap was to its next collection, and the same
 * relay differs by 3 kB a connection for that.
 */
export const memoryOfConnections: BenchCase = {
  name: 'memory-connections',
  title: `Memory per idle connection, ${IDLE} open`,
  subjects: ALL_SUBJECTS,
  figures: [
    {
      name: 'connection',
      title: 'anonymous memory, garbage collected',
      unit: 'bytes',
      goal: '< 3,000 B over bare ws',
    },
    { name: 'uncollected', title: 'anonymous memory as it stands after connecting', unit: 'bytes' },
  ],
  async prepare() {
    return (name) =>
      withSubject(name, {}, async ({ url, anonymousBytes, collectGarbage }) => {
        await collectGarbage();
        await sleep(SETTLE_MS);
        const before = anonymousBytes();
        const clients = await connectMany(url, IDLE);
        await sleep(SETTLE_MS);
        const uncollected = (anonymousBytes() - before) / IDLE;
        await collectGarbage();
        await sleep(SETTLE_MS);
        const connection = (anonymousBytes() - before) / IDLE;
        for (const client of clients) client.end();
        return { connection, uncollected };
      });
  },
};

const CONNECTIONS = [10, 100, 500, 2_000];

/** What a query costs while others are connected and idle. */
export const growthOfConnections: BenchCase = {
  name: 'growth-connections',
  title: 'Time to EOSE by open connections: limit 100',
  isGrowth: true,
  subjects: ALL_SUBJECTS,
  figures: CONNECTIONS.map((count) => ({ name: String(count), title: `${count} open, p50`, unit: 'ms' })),
  async prepare(dir) {
    const { file } = await makeEvents(dir, 10_000);
    return (name) =>
      withSubject(name, { preloadFile: file }, async ({ url }) => {
        const clients: WireClient[] = [];
        const asking = await WireClient.connect(url);
        const measured: Record<string, number> = {};
        for (const count of CONNECTIONS) {
          clients.push(...(await connectMany(url, count - 1 - clients.length)));
          measured[String(count)] = await medianRequestMs(asking, { limit: 100 });
        }
        for (const client of [asking, ...clients]) client.end();
        return measured;
      });
  },
};

async function connectMany(url: string, count: number): Promise<readonly WireClient[]> {
  const clients: WireClient[] = [];
  for (let i = 0; i < count; i += 1) clients.push(await WireClient.connect(url));
  return clients;
}
