import type { BenchCase } from '../bench-case.js';
import { type MadeEvents, makeEvents } from '../events.js';
import { ALL_SUBJECTS, ENGINES, withSubject } from '../subjects.js';
import { WireClient } from '../wire-client.js';
import { AUTHORS, medianRequestMs } from './answers.js';

const STORED = [1_000, 20_000, 200_000];

/** What a query costs as the store grows. */
export const growthOfStore: BenchCase = {
  name: 'growth-stored',
  title: 'Time to EOSE by stored events: 150 authors, limit 100',
  isGrowth: true,
  subjects: ENGINES,
  figures: STORED.map((count) => ({ name: String(count), title: `${count} stored, p50`, unit: 'ms' })),
  async prepare(dir) {
    const stores: MadeEvents[] = [];
    for (const count of STORED) stores.push(await makeEvents(dir, count));
    return async (name) => {
      const measured: Record<string, number> = {};
      for (const [index, { file, authors }] of stores.entries()) {
        const filter = { kinds: [1], authors: authors.slice(0, AUTHORS), limit: 100 };
        measured[String(STORED[index])] = await withSubject(name, { preloadFile: file }, async ({ url }) => {
          const client = await WireClient.connect(url);
          const ms = await medianRequestMs(client, filter);
          client.end();
          return ms;
        });
      }
      return measured;
    };
  },
};

const RESULTS = [10, 100, 1_000, 10_000, 50_000];
const MOST_REQUESTS = 300;
const MOST_EVENTS_A_SIZE = 300_000;
const US_A_MS = 1_000;

/** What an answer costs as it grows, by the event. */
export const growthOfResult: BenchCase = {
  name: 'growth-result',
  title: 'Time to EOSE per event of the answer, by its size',
  isGrowth: true,
  subjects: [...ALL_SUBJECTS, 'streaming, LMDB'],
  figures: RESULTS.map((count) => ({
    name: String(count),
    title: `${count} events, p50 / size`,
    unit: 'µs',
  })),
  async prepare(dir) {
    const most = Math.max(...RESULTS);
    const { file } = await makeEvents(dir, most);
    return (name) =>
      withSubject(name, { preloadFile: file, settings: { limits: { maxLimit: most } } }, async ({ url }) => {
        const client = await WireClient.connect(url);
        const measured: Record<string, number> = {};
        for (const limit of RESULTS) {
          const requests = Math.max(5, Math.min(MOST_REQUESTS, MOST_EVENTS_A_SIZE / limit));
          const ms = await medianRequestMs(client, { limit }, requests);
          measured[String(limit)] = (ms * US_A_MS) / limit;
        }
        client.end();
        return measured;
      });
  },
};
