import type { BenchCase } from '../bench-case.js';
import { median } from '../bench-case.js';
import { signedEvents } from '../events.js';
import { ALL_SUBJECTS, RELAYS, type Subject, withSubject } from '../subjects.js';
import { WireClient } from '../wire-client.js';

const SUBSCRIBERS = 500;
const SINGLE_PUBLISHES = 60;
const STREAM_OF_PUBLISHES = 300;
const IN_FLIGHT = 8;
const WARM_UP_PUBLISHES = 20;

const EVERY_NOTE = { kinds: [1, 6, 7], limit: 0 };

/** One publisher, 500 subscribers on connections of their own. */
export const fanOut: BenchCase = {
  name: 'fan-out',
  title: `Live fan-out to ${SUBSCRIBERS} subscribers, verification on`,
  subjects: ALL_SUBJECTS,
  figures: [
    { name: 'rate', title: 'deliveries per second', unit: '1/s', goal: '≥ 75 % of bare ws' },
    { name: 'latency', title: 'publish → delivery, p50', unit: 'ms', goal: '≤ 2 × bare ws' },
  ],
  async prepare() {
    const events = await signedEvents(WARM_UP_PUBLISHES + SINGLE_PUBLISHES + STREAM_OF_PUBLISHES);
    return (name) =>
      withSubject(name, {}, async ({ url }) => {
        const audience = await Audience.of(url, SUBSCRIBERS);
        const publisher = await WireClient.connect(url);
        let next = 0;
        const latencies: number[] = [];
        for (; next < WARM_UP_PUBLISHES + SINGLE_PUBLISHES; next += 1) {
          const times = await audience.timesOf(() => publisher.send(`["EVENT",${events[next]}]`));
          if (next >= WARM_UP_PUBLISHES) latencies.push(...times);
        }
        const stream = events.slice(next);
        const startedMs = performance.now();
        const all = audience.count(stream.length * SUBSCRIBERS);
        sendInFlight(publisher, stream, IN_FLIGHT);
        await all;
        const seconds = (performance.now() - startedMs) / 1_000;
        audience.end();
        publisher.end();
        return { rate: (stream.length * SUBSCRIBERS) / seconds, latency: median(latencies) };
      });
  },
};

/** Publishes all, with at most `inFlight` of them unanswered. */
export function sendInFlight(
  publisher: WireClient,
  events: readonly string[],
  inFlight: number,
): Promise<void> {
  let next = 0;
  let answered = 0;
  const publish = (): void => {
    if (next < events.length) publisher.send(`["EVENT",${events[next]}]`);
    next += 1;
  };
  return new Promise((resolve) => {
    publisher.onFrame = (label) => {
      if (label !== 'OK') return;
      answered += 1;
      if (answered === events.length) resolve();
      publish();
    };
    for (let i = 0; i < inFlight; i += 1) publish();
  });
}

/** Subscribers of everything, and when they get it. */
class Audience {
  readonly #clients: readonly WireClient[];
  #delivered: () => void = () => undefined;

  private constructor(clients: readonly WireClient[]) {
    this.#clients = clients;
  }

  static async of(url: string, size: number): Promise<Audience> {
    const clients: WireClient[] = [];
    for (let i = 0; i < size; i += 1) {
      const client = await WireClient.connect(url);
      const eose = client.until('EOSE');
      client.send(JSON.stringify(['REQ', 'live', EVERY_NOTE]));
      await eose;
      clients.push(client);
    }
    const audience = new Audience(clients);
    for (const client of clients) {
      client.onFrame = (label) => {
        if (label === 'EVENT') audience.#delivered();
      };
    }
    return audience;
  }

  /** Resolves when that many deliveries have come from now on. */
  count(deliveries: number): Promise<void> {
    let left = deliveries;
    return new Promise((resolve) => {
      this.#delivered = () => {
        left -= 1;
        if (left === 0) resolve();
      };
    });
  }

  /** When each subscriber got what `publish` publishes, in ms from then. */
  timesOf(publish: () => void): Promise<readonly number[]> {
    const times: number[] = [];
    const startedMs = performance.now();
    return new Promise((resolve) => {
      this.#delivered = () => {
        times.push(performance.now() - startedMs);
        if (times.length === this.#clients.length) resolve(times);
      };
      publish();
    });
  }

  end(): void {
    for (const client of this.#clients) client.end();
  }
}

const SUBSCRIPTIONS_A_CONNECTION = 250;
const LATENCY_PUBLISHES = 150;
const OPEN_SUBSCRIPTIONS = [10, 100, 1_000, 10_000];

/** Verification is off here: it would hide what matching costs. */
const MATCHING = { settings: { verifySignatures: false } } as const;

/** Live latency with many subscriptions open that the events don't match. */
export const liveMatching: BenchCase = {
  name: 'live-matching',
  title: 'Live latency with 10,000 unrelated subscriptions, verification off',
  subjects: RELAYS,
  figures: [
    { name: 'none', title: 'none open, p50', unit: 'ms' },
    { name: 'with', title: '10,000 open, p50', unit: 'ms' },
    { name: 'ratio', title: 'with / without', unit: 'ratio', goal: '< 1.2' },
  ],
  async prepare() {
    const publishes = await signedEvents(3 * LATENCY_PUBLISHES);
    return (name) =>
      withSubject(name, MATCHING, async (subject) => {
        const pair = await LivePair.open(subject, publishes);
        await pair.latencyMs();
        const without = await pair.latencyMs();
        const crowd = await openUnrelated(subject, 10_000, 0);
        const withThem = await pair.latencyMs();
        for (const client of [...crowd, pair]) client.end();
        return { none: without, with: withThem, ratio: withThem / without };
      });
  },
};

/** Live latency as unrelated subscriptions grow. */
export const growthOfSubscriptions: BenchCase = {
  name: 'growth-subscriptions',
  title: 'Live latency by open subscriptions, verification off',
  isGrowth: true,
  subjects: RELAYS,
  figures: OPEN_SUBSCRIPTIONS.map((count) => ({
    name: String(count),
    title: `${count} open, p50`,
    unit: 'ms',
  })),
  async prepare() {
    const publishes = await signedEvents((OPEN_SUBSCRIPTIONS.length + 1) * LATENCY_PUBLISHES);
    return (name) =>
      withSubject(name, MATCHING, async (subject) => {
        const pair = await LivePair.open(subject, publishes);
        const crowd: WireClient[] = [];
        const measured: Record<string, number> = {};
        await pair.latencyMs();
        let open = 0;
        for (const count of OPEN_SUBSCRIPTIONS) {
          crowd.push(...(await openUnrelated(subject, count - open, open)));
          open = count;
          measured[String(count)] = await pair.latencyMs();
        }
        for (const client of [...crowd, pair]) client.end();
        return measured;
      });
  },
};

/** A publisher and a subscriber of what it publishes. */
class LivePair {
  readonly #publisher: WireClient;
  readonly #subscriber: WireClient;
  readonly #events: readonly string[];
  #next = 0;

  private constructor(publisher: WireClient, subscriber: WireClient, events: readonly string[]) {
    this.#publisher = publisher;
    this.#subscriber = subscriber;
    this.#events = events;
  }

  static async open({ url }: Subject, events: readonly string[]): Promise<LivePair> {
    const [publisher, subscriber] = [await WireClient.connect(url), await WireClient.connect(url)];
    const eose = subscriber.until('EOSE');
    subscriber.send(JSON.stringify(['REQ', 'live', EVERY_NOTE]));
    await eose;
    return new LivePair(publisher, subscriber, events);
  }

  /** The p50 of the next publishes, one at a time. */
  async latencyMs(): Promise<number> {
    const times: number[] = [];
    for (const event of this.#events.slice(this.#next, this.#next + LATENCY_PUBLISHES)) {
      const delivered = this.#subscriber.until('EVENT');
      const startedMs = performance.now();
      this.#publisher.send(`["EVENT",${event}]`);
      await delivered;
      times.push(performance.now() - startedMs);
    }
    this.#next += LATENCY_PUBLISHES;
    return median(times);
  }

  end(): void {
    this.#publisher.end();
    this.#subscriber.end();
  }
}

/** Opens `count` subscriptions of authors that never write; `from` numbers them. */
async function openUnrelated({ url }: Subject, count: number, from: number): Promise<readonly WireClient[]> {
  const clients: WireClient[] = [];
  for (let opened = 0; opened < count; opened += SUBSCRIPTIONS_A_CONNECTION) {
    const client = await WireClient.connect(url);
    const here = Math.min(SUBSCRIPTIONS_A_CONNECTION, count - opened);
    const open = eoses(client, here);
    for (let i = 0; i < here; i += 1) {
      const author = (from + opened + i).toString(16).padStart(64, 'f');
      client.send(JSON.stringify(['REQ', `s${i}`, { kinds: [1, 6, 7], authors: [author], limit: 10 }]));
    }
    await open;
    clients.push(client);
  }
  return clients;
}

function eoses(client: WireClient, count: number): Promise<void> {
  let left = count;
  return new Promise((resolve) => {
    client.onFrame = (label) => {
      if (label === 'EOSE') left -= 1;
      if (left === 0) resolve();
    };
  });
}
