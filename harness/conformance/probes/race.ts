/** What happens when messages cross: probes that put load on the relay, each alone. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { NostrEvent } from 'nostr-tools/pure';
import { shortId } from '../checks/check.js';
import type { Client } from './client.js';
import { untilNothingComes } from './patience.js';
import { Broken, NotArranged, section } from './probe.js';
import { demand, type Scene } from './scene.js';
import { idOf } from './wire-message.js';

const PUBLISHERS = 8;
const EVENTS_EACH = 40;
const READERS = 20;
const REQS_EACH = 10;

interface Watched {
  readonly client: Client;
  readonly subscription: string;
  readonly publisher: number;
}

/** The events of one publisher; its number stands in a tag, so that each REQ watches one of them. */
function eventsOfPublisher(scene: Scene, publisher: number): NostrEvent[] {
  const count = Math.min(EVENTS_EACH, scene.stated('max_limit') ?? EVENTS_EACH);
  return Array.from({ length: count }, (_, index) =>
    scene.event({ at: -index, content: `${publisher} ${index}`, tags: [['x', String(publisher)]] }),
  );
}

async function openReqs(scene: Scene, readers: readonly Client[]): Promise<readonly Watched[]> {
  const watched: Watched[] = [];
  for (let turn = 0; turn < REQS_EACH; turn++) {
    for (const [index, client] of readers.entries()) {
      const publisher = (index + turn) % PUBLISHERS;
      const filter = scene.only({ '#x': [String(publisher)] });
      const subscription = client.request([filter], `race ${watched.length}`);
      watched.push({ client, subscription, publisher });
    }
    await sleep(1);
  }
  return watched;
}

/** Ids of events that came so far, stored or live, by the subscription that they came for; each message is read once. */
function idsBySubscription(watched: readonly Watched[]): () => ReadonlyMap<unknown, ReadonlySet<unknown>> {
  const ids = new Map<unknown, Set<unknown>>(watched.map(({ subscription }) => [subscription, new Set()]));
  const read = new Map(watched.map(({ client }) => [client, 0]));
  return () => {
    for (const [client, from] of read) {
      for (const [label, id, event] of client.messages.slice(from)) {
        if (label === 'EVENT') ids.get(id)?.add(idOf(event));
      }
      read.set(client, client.messages.length);
    }
    return ids;
  };
}

export const raceProbes = section(
  'race',
  { reference: 'NIP-01, From client to relay', needs: ['writing'], alone: true },
  {
    'hand-over': {
      level: 'SHOULD',
      title: 'Nothing is lost between stored and live',
      requirement:
        'While events are published, each REQ gets all that match: stored before its EOSE, or live after it.',
      catches: ['D7', 'live-lost-often'],
      async run(scene) {
        const events = Array.from({ length: PUBLISHERS }, (_, publisher) =>
          eventsOfPublisher(scene, publisher),
        );
        const writers = await Promise.all(events.map(() => scene.connect()));
        const readers = await Promise.all(Array.from({ length: READERS }, () => scene.connect()));
        const published = Promise.all(writers.map((writer, index) => writer.storeAll(events[index] ?? [])));
        // Handled here too, so that a refusal is never left unhandled while REQs are opened.
        published.catch(() => undefined);
        const watched = await openReqs(scene, readers);
        await published;
        await expectAll(scene, watched, events);
      },
    },
    'disconnect-in-answer': {
      level: 'SHOULD',
      title: 'A client that leaves during a large answer harms nobody',
      requirement: 'After connections were cut in the middle of answers, others are served as before.',
      catches: ['leaving-in-answer-harms'],
      async run(scene) {
        const writer = await scene.connect();
        await writer.storeAll(scene.events(200, { content: 'x'.repeat(2_000), at: -300 }));
        for (let turn = 0; turn < 10; turn++) {
          const client = await scene.connect();
          const subscription = client.request([scene.only()]);
          await client.expect(([label, id]) => label === 'EVENT' && id === subscription);
          await client.disconnect();
        }
        const witness = await scene.connect();
        demand(await witness.isAlive(), 'a REQ on a new connection is not answered afterwards');
      },
    },
    'slow-behind-fast': {
      level: 'INFO',
      title: 'A large REQ and a small one behind it',
      requirement: 'Relays may serve the REQs of a connection in turn or at once; noted is which came first.',
      catches: ['small-first'],
      async run(scene) {
        const client = await scene.connect();
        await client.storeAll(scene.events(200, { at: -300 }));
        const large = client.request([scene.only()]);
        const small = client.request([{ ids: ['0'.repeat(64)] }]);
        await Promise.all([client.answerTo(large), client.answerTo(small)]);
        const at = (id: string) => client.messages.findIndex((m) => m[0] === 'EOSE' && m[1] === id);
        return at(small) < at(large) ? 'the small one was answered first' : undefined;
      },
    },
    'slow-reader': {
      level: 'SHOULD',
      title: 'A client that does not read harms nobody',
      requirement: 'While a client leaves a large answer unread, others are answered.',
      catches: ['busy-with-one'],
      async run(scene) {
        const slow = await scene.connect();
        await slow.storeAll(scene.events(200, { content: 'x'.repeat(5_000), at: -300 }));
        slow.socket.pause();
        for (let turn = 0; turn < 20; turn++) slow.request([scene.only()]);
        const other = await scene.connect();
        const startedAt = performance.now();
        const isServed = await other.isAlive();
        const delayMs = performance.now() - startedAt;
        slow.socket.resume();
        demand(isServed, 'a REQ on another connection is not answered meanwhile');
        return `another client was answered after ${delayMs.toFixed(0)} ms`;
      },
    },
  },
);

/** Waits until every watched REQ has every event of its publisher; names what is missing when nothing more comes. */
async function expectAll(
  scene: Scene,
  watched: readonly Watched[],
  events: readonly (readonly NostrEvent[])[],
): Promise<void> {
  const idsNow = idsBySubscription(watched);
  const lacking = () => {
    const ids = idsNow();
    return watched.flatMap((one) => {
      const got = ids.get(one.subscription);
      const missing = (events[one.publisher] ?? []).filter(({ id }) => !got?.has(id));
      return missing.length === 0 ? [] : [{ one, missing }];
    });
  };
  const deliveriesLeft = () => lacking().reduce((sum, { missing }) => sum + missing.length, 0);
  for (const { client, subscription } of watched) {
    const { by } = await client.answerTo(subscription);
    if (by !== 'EOSE') throw new NotArranged('needs 200 REQs that are all answered by EOSE');
  }
  await untilNothingComes(scene, deliveriesLeft);
  const [first, ...more] = lacking();
  if (!first) return;
  const [event] = first.missing;
  const { subscription } = first.one;
  throw new Broken(
    `${deliveriesLeft()} deliveries in ${more.length + 1} of ${watched.length} REQs never came, the first ${shortId(event?.id ?? '')} for "${subscription}"`,
    [
      `["REQ","${subscription}"`,
      `["EOSE","${subscription}"`,
      `["EVENT",{"id":"${event?.id}"`,
      `["OK","${event?.id}"`,
    ],
  );
}
