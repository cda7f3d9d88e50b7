import type { NostrEvent } from '../../relays/protocol/event.js';
import { forgery } from '../../relays/protocol/signature.js';
import type { BenchCase } from '../bench-case.js';
import { signedEvents } from '../events.js';
import { ALL_SUBJECTS, withSubject } from '../subjects.js';
import { WireClient } from '../wire-client.js';
import { sendInFlight } from './live.js';

const EVENTS = 4_000;
const WARM_UP = 500;
const CONNECTIONS = 4;
const IN_FLIGHT = 32;

/** EVENTs that are verified, stored and answered, against a loop that verifies the same events and does nothing else. */
export const ingest: BenchCase = {
  name: 'ingest',
  title: 'EVENT ingest, verification on, 4 connections (bare: verification alone, one thread)',
  subjects: ALL_SUBJECTS,
  figures: [{ name: 'rate', title: 'events per second', unit: '1/s', goal: '≥ 85 % of bare verification' }],
  async prepare() {
    const events = await signedEvents(EVENTS + WARM_UP);
    const [warmUp, measured] = [events.slice(0, WARM_UP), events.slice(WARM_UP)];
    return (name) => {
      if (name === 'bare') return Promise.resolve({ rate: verificationRate(warmUp, measured) });
      return withSubject(name, {}, async ({ url }) => {
        const clients: WireClient[] = [];
        for (let i = 0; i < CONNECTIONS; i += 1) clients.push(await WireClient.connect(url));
        await publishOver(clients, warmUp);
        const startedMs = performance.now();
        await publishOver(clients, measured);
        const seconds = (performance.now() - startedMs) / 1_000;
        for (const client of clients) client.end();
        return { rate: measured.length / seconds };
      });
    };
  },
};

async function publishOver(clients: readonly WireClient[], events: readonly string[]): Promise<void> {
  const share = (index: number): readonly string[] => events.filter((_, i) => i % clients.length === index);
  await Promise.all(clients.map((client, index) => sendInFlight(client, share(index), IN_FLIGHT)));
}

function verificationRate(warmUp: readonly string[], events: readonly string[]): number {
  const parsed = events.map((line): NostrEvent => JSON.parse(line));
  for (const line of warmUp) forgery(JSON.parse(line));
  const startedMs = performance.now();
  for (const event of parsed) {
    if (forgery(event) !== undefined) throw new Error(`${event.id} does not verify`);
  }
  return parsed.length / ((performance.now() - startedMs) / 1_000);
}
