/** What happens when messages cross: probes that put load on the relay, each alone. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Filter } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import { shortId } from '../checks/check.js';
import type { Client } from './client.js';
import { expectDelivery } from './expectations.js';
import { untilNothingComes } from './patience.js';
import { Broken, NotArranged, section } from './probe.js';
import { demand, type Scene } from './scene.js';
import { idOf } from './wire-message.js';

const PUBLISHERS = 8;
const EVENTS_EACH = 40;
const READERS = 20;
const REQS_EACH = 10;
/** As few as relays that limit answers give; each part has a filter of its own. */
const EVENTS_A_PART = 50;
/** 12 MB in all: Linux keeps some 4 MB of what a relay sends, and up to 2 MB more where the reader read a little. */
const PARTS = 4;
/** Some relays take no content of 64 KiB, and the record of a probe keeps no longer message whole. */
const LARGE_CHARACTERS = 60_000;
const WITHOUT_READING_MS = 1_000;

interface Watched {
  readonly client: Client;
  readonly subscription: string;
  readonly publisher: number;
}

interface Publisher {
  readonly events: readonly NostrEvent[];
  /** Matches these events and no others. */
  readonly filter: Filter;
}

/** By an author of its own, so that tags have no part in it; where the relay admits listed keys alone, by a tag. */
function publisherOf(scene: Scene, publisher: number): Publisher {
  const { access, allowedKeys } = scene.subject;
  const hasOwnKey = access === 'open' && allowedKeys.length === 0;
  const key = hasOwnKey ? scene.stranger() : scene.alice;
  const count = Math.min(EVENTS_EACH, scene.stated('max_limit') ?? EVENTS_EACH);
  const events = Array.from({ length: count }, (_, index) =>
    scene.event({ at: -index, content: `${publisher} ${index}`, tags: [['x', String(publisher)]] }, key),
  );
  const filter = hasOwnKey ? { authors: [key.publicKey] } : scene.only({ '#x': [String(publisher)] });
  return { events, filter };
}

async function openReqs(
  readers: readonly Client[],
  publishers: readonly Publisher[],
): Promise<readonly Watched[]> {
  const watched: Watched[] = [];
  for (let turn = 0; turn < REQS_EACH; turn++) {
    for (const [index, client] of readers.entries()) {
      const publisher = (index + turn) % PUBLISHERS;
      const filters = publishers.slice(publisher, publisher + 1).map(({ filter }) => filter);
      const subscription = client.request(filters, `race ${watched.length}`);
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
        const publishers = Array.from({ length: PUBLISHERS }, (_, publisher) =>
          publisherOf(scene, publisher),
        );
        const events = publishers.map((one) => one.events);
        const writers = await Promise.all(events.map(() => scene.connect()));
        const readers = await Promise.all(Array.from({ length: READERS }, () => scene.connect()));
        const published = Promise.all(writers.map((writer, index) => writer.storeAll(events[index] ?? [])));
        // Handled here too, so that a refusal is never left unhandled while REQs are opened.
        published.catch(() => undefined);
        const watched = await openReqs(readers, publishers);
        await published;
        await expectAll(scene, watched, events);
      },
    },
    'during-answer': {
      level: 'SHOULD',
      title: 'What is saved during an answer arrives',
      requirement:
        'An event that is saved while a matching REQ is being answered comes too: stored, or live.',
      catches: ['D7'],
      async run(scene) {
        const [reader, writer] = [await scene.connect(), await scene.connect()];
        const content = 'x'.repeat(LARGE_CHARACTERS);
        const large = scene.events(EVENTS_A_PART * PARTS, { content, at: -600 });
        await writer.storeAll(large);
        const subscription = reader.request(
          partsOf(large).map((window) => scene.byAlice({ kinds: [1], ...window })),
        );
        await reader.expect(([label, id]) => label === 'EVENT' && id === subscription);
        // More than sockets hold: what is left of the answer waits in the relay.
        reader.socket.pause();
        const event = scene.event({ at: 0 });
        writer.post(event);
        // Some relays deliver before they say OK, and this reader does not read.
        await Promise.race([writer.okOf(event.id), sleep(WITHOUT_READING_MS)]);
        reader.socket.resume();
        const answer = await reader.answerTo(subscription);
        if (answer.by !== 'EOSE') throw new NotArranged('needs a large answer that ends by EOSE');
        const ok = await writer.okOf(event.id);
        if (!ok?.accepted) throw new NotArranged('needs to publish');
        await expectDelivery(reader, answer, event, 'during whose answer it was saved');
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

/** A window of time for each part of these events, newest first; the first one is open to what comes. */
function partsOf(events: readonly NostrEvent[]): readonly Filter[] {
  return Array.from({ length: PARTS }, (_, index) => {
    const part = events.slice(index * EVENTS_A_PART, (index + 1) * EVENTS_A_PART);
    const times = part.map((event) => event.created_at);
    const since = Math.min(...times);
    return index === 0 ? { since } : { since, until: Math.max(...times) };
  });
}

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
