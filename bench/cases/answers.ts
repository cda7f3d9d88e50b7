import { type BenchCase, median } from '../bench-case.js';
import { makeEvents } from '../events.js';
import { ALL_SUBJECTS, withSubject } from '../subjects.js';
import { WireClient } from '../wire-client.js';

const WARM_UP_REQUESTS = 50;
const REQUESTS = 300;
const LARGE_ANSWER = 5_000;
const LARGE_ANSWERS = 60;
/** Authors of a timeline. */
export const AUTHORS = 150;

/** The p50 of `requests` REQs one after another, in ms; the first ones only warm the relay up. */
export function medianRequestMs(client: WireClient, filter: unknown, requests = REQUESTS): Promise<number> {
  return medianOfRequestsMs(client, () => filter, requests);
}

/** As {@link medianRequestMs}, each REQ with a filter of its own. */
export async function medianOfRequestsMs(
  client: WireClient,
  nextFilter: () => unknown,
  requests: number,
): Promise<number> {
  for (let i = 0; i < Math.min(WARM_UP_REQUESTS, requests); i += 1) await client.request(nextFilter());
  const times: number[] = [];
  for (let i = 0; i < requests; i += 1) times.push((await client.request(nextFilter())).ms);
  return median(times);
}

/** Stored events per second on one connection that always asks for the next 5,000. */
export const storedOut: BenchCase = {
  name: 'stored-out',
  title: 'Stored events out, one connection',
  subjects: ALL_SUBJECTS,
  figures: [{ name: 'rate', title: 'events per second', unit: '1/s', goal: '≥ 50 % of bare ws' }],
  async prepare(dir) {
    const { file } = await makeEvents(dir, 10_000);
    return (name) =>
      withSubject(name, { preloadFile: file }, async ({ url }) => {
        const client = await WireClient.connect(url);
        const filter = { limit: LARGE_ANSWER };
        for (let i = 0; i < LARGE_ANSWERS / 4; i += 1) await client.request(filter);
        const startedMs = performance.now();
        let events = 0;
        for (let i = 0; i < LARGE_ANSWERS; i += 1) events += (await client.request(filter)).events;
        const seconds = (performance.now() - startedMs) / 1_000;
        client.end();
        return { rate: events / seconds };
      });
  },
};

/** Time from a REQ to its EOSE, one at a time. */
export const timeToEose: BenchCase = {
  name: 'eose',
  title: 'Time to EOSE, 20,000 events stored',
  subjects: ALL_SUBJECTS,
  figures: [
    { name: 'limit500', title: 'limit 500, p50', unit: 'ms', goal: '≤ 0.84 ms (strfry)' },
    { name: 'authors150', title: '150 authors, limit 100, p50', unit: 'ms', goal: '≤ 0.76 ms (strfry)' },
  ],
  async prepare(dir) {
    const { file, authors } = await makeEvents(dir, 20_000);
    return (name) =>
      withSubject(name, { preloadFile: file }, async ({ url }) => {
        const client = await WireClient.connect(url);
        const limit500 = await medianRequestMs(client, { limit: 500 });
        const timeline = { kinds: [1], authors: authors.slice(0, AUTHORS), limit: 100 };
        const authors150 = await medianRequestMs(client, timeline);
        client.end();
        return { limit500, authors150 };
      });
  },
};
