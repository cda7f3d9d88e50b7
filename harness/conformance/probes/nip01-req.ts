/** REQ: that it is answered, by which of the matching events, and in which order. */
import type { NostrEvent } from 'nostr-tools/pure';
import { newestFirst } from '../matching.js';
import { expectAnswered, expectEvents, expectSequence } from './expectations.js';
import { storeAndAsk } from './nip01-filter.js';
import { Broken, NotArranged, section } from './probe.js';
import { demand } from './scene.js';

const NOWHERE = '0'.repeat(64);
const MANY_AUTHORS = 1_000;
const MANY_FILTERS = 20;

function timesOf(events: readonly NostrEvent[]): { readonly newest: number; readonly oldest: number } {
  const times = events.map(({ created_at }) => created_at);
  return { newest: Math.max(...times), oldest: Math.min(...times) };
}

export const answerProbes = section(
  'nip01/req',
  { reference: 'NIP-01, From client to relay; From relay to client' },
  {
    'eose-no-match': {
      level: 'MUST',
      title: 'A REQ that nothing matches is answered',
      requirement: 'A REQ gets EOSE, or CLOSED when it is refused, also when nothing matches.',
      catches: ['eoses-dropped'],
      async run(scene) {
        const client = await scene.connect();
        expectAnswered(
          client,
          await client.answerTo(client.request([{ ids: [NOWHERE] }])),
          'a REQ for an unknown id',
        );
      },
    },
    'eose-matches': {
      level: 'MUST',
      title: 'A REQ with matches is answered',
      requirement: 'EOSE comes after the stored events that match.',
      needs: ['writing'],
      catches: ['eoses-dropped'],
      async run(scene) {
        const client = await scene.connect();
        await client.store(...scene.events(3));
        expectAnswered(
          client,
          await client.answerTo(client.request([scene.only()])),
          'a REQ with three matches',
        );
      },
    },
    'asked-again': {
      level: 'MUST',
      title: 'A question that was asked before is answered once',
      requirement: 'A REQ gets one EOSE, also when its filter was answered a moment ago.',
      needs: ['writing'],
      catches: ['D11'],
      async run(scene) {
        const client = await scene.connect();
        await client.store(...scene.events(2));
        // With a limit that is not reached: a cache may leave filters without one alone.
        const filter = scene.only({ limit: 10 });
        await client.subscribe(filter);
        const { subscription } = await client.subscribe(filter);
        await client.settle();
        const eoses = client.messages.filter(([label, id]) => label === 'EOSE' && id === subscription);
        demand(eoses.length === 1, `${eoses.length} EOSE came for one REQ`);
      },
    },
    'eose-empty-filter': {
      level: 'MUST',
      title: 'The empty filter is answered',
      requirement: 'A filter without conditions is answered by EOSE, or refused by CLOSED.',
      catches: ['eoses-dropped'],
      async run(scene) {
        scene.unjudged();
        const client = await scene.connect();
        expectAnswered(client, await client.answerTo(client.request([{}])), 'a REQ with an empty filter');
      },
    },
  },
);

export const storedProbes = section(
  'nip01/req',
  { reference: 'NIP-01, From client to relay', needs: ['writing'] },
  {
    'since-inclusive': {
      level: 'SHOULD',
      title: 'since is inclusive',
      requirement: 'Events with created_at equal to `since` match.',
      catches: ['since-exclusive'],
      async run(scene) {
        const events = scene.events(3);
        const since = events[1]?.created_at ?? 0;
        expectEvents(await storeAndAsk(scene, events, { since }), events.slice(0, 2));
      },
    },
    'until-inclusive': {
      level: 'SHOULD',
      title: 'until is inclusive',
      requirement: 'Events with created_at equal to `until` match.',
      catches: ['until-exclusive'],
      async run(scene) {
        const events = scene.events(3);
        const until = events[1]?.created_at ?? 0;
        expectEvents(await storeAndAsk(scene, events, { until }), events.slice(1));
      },
    },
    'since-equals-until': {
      level: 'SHOULD',
      title: 'since and until may be equal',
      requirement: 'A range of one second holds the events of that second.',
      catches: ['since-exclusive', 'until-exclusive'],
      async run(scene) {
        const events = scene.events(3);
        const since = events[1]?.created_at ?? 0;
        expectEvents(await storeAndAsk(scene, events, { since, until: since }), events.slice(1, 2));
      },
    },
    'range-inverted': {
      level: 'SHOULD',
      title: 'An inverted range is empty',
      requirement: 'Nothing matches when `since` is after `until`.',
      catches: ['range-swapped'],
      async run(scene) {
        const events = scene.events(3);
        const { newest, oldest } = timesOf(events);
        const client = await scene.connect();
        await client.store(...events);
        const answer = await client.answerTo(client.request([scene.only({ since: newest, until: oldest })]));
        expectAnswered(client, answer, 'a REQ with an inverted range');
        expectEvents(answer.events, []);
      },
    },
    'since-zero': {
      level: 'SHOULD',
      title: 'since: 0 bounds nothing',
      requirement: '`since: 0` lets every event of today match.',
      catches: ['since-zero-empty'],
      async run(scene) {
        const events = scene.events(2);
        expectEvents(await storeAndAsk(scene, events, { since: 0 }), events);
      },
    },
    'until-zero': {
      level: 'SHOULD',
      title: 'until: 0 is a bound',
      requirement: '`until: 0` lets no event of today match.',
      catches: ['until-zero-ignored'],
      async run(scene) {
        const client = await scene.connect();
        await client.store(...scene.events(2));
        const answer = await client.answerTo(client.request([scene.only({ until: 0 })]));
        expectAnswered(client, answer, 'a REQ with until: 0');
        expectEvents(answer.events, []);
      },
    },
    'limit-newest': {
      level: 'SHOULD',
      title: 'limit takes the newest',
      requirement:
        'With `limit: n` the answer holds the last n events by created_at, newest first. Fewer are acceptable, others are not.',
      reference: 'NIP-01, From client to relay: limit',
      catches: ['limit-ignored', 'answers-reversed', 'D30'],
      async run(scene) {
        const events = scene.events(5);
        const got = await storeAndAsk(scene, events.toReversed(), { limit: 2 });
        expectSequence(got, events.slice(0, got.length === 1 ? 1 : 2));
      },
    },
    'limit-per-filter': {
      level: 'SHOULD',
      title: 'limit belongs to its filter',
      requirement: 'Each filter has a limit of its own.',
      catches: ['limit-of-all'],
      async run(scene) {
        const notes = scene.events(3, { kind: 1, at: -10 });
        const likes = scene.events(3, { kind: 7, at: -20 });
        const got = await storeAndAsk(
          scene,
          [...notes, ...likes],
          { kinds: [1], limit: 1 },
          { kinds: [7], limit: 2 },
        );
        expectEvents(got, [...notes.slice(0, 1), ...likes.slice(0, 2)]);
      },
    },
    order: {
      level: 'SHOULD',
      title: 'With a limit, stored events come newest first',
      requirement: 'The stored events of one filter with a limit come in descending order of created_at.',
      reference: 'NIP-01, From client to relay: limit',
      catches: ['answers-reversed', 'D30'],
      async run(scene) {
        const events = scene.events(6);
        const shuffled = [3, 0, 5, 1, 4, 2].flatMap((index) => events.slice(index, index + 1));
        expectSequence(await storeAndAsk(scene, shuffled, { limit: 10 }), events);
      },
    },
    'order-of-ties': {
      level: 'INFO',
      title: 'Ties come by lowest id',
      requirement:
        'With a limit, of events with one created_at the one with the lowest id should come first.',
      reference: 'NIP-01, From client to relay: limit',
      catches: ['ties-reversed'],
      async run(scene) {
        const events = Array.from({ length: 5 }, (_, index) =>
          scene.event({ content: `tie ${index}`, at: -10 }),
        );
        const got = await storeAndAsk(scene, events, { limit: 10 });
        const inOrder = got.every(
          (event, index) => index === 0 || newestFirst(got[index - 1] ?? event, event) <= 0,
        );
        return inOrder ? undefined : 'events of one second came in another order than by id';
      },
    },
    'ids-mixed': {
      level: 'SHOULD',
      title: 'Ids found and not found',
      requirement: 'Ids that the relay lacks take nothing from those that it has.',
      catches: ['unknown-id-spoils'],
      async run(scene) {
        const [a, b] = scene.events(2);
        if (!a || !b) return;
        expectEvents(await storeAndAsk(scene, [a, b], { ids: [NOWHERE, a.id, b.id] }), [a, b]);
      },
    },
    'ids-by-prefix': {
      level: 'SHOULD',
      title: 'The beginning of an id is no id',
      requirement: 'An event is not sent for a filter that names the beginning of its id.',
      catches: ['prefix-matched'],
      async run(scene) {
        const client = await scene.connect();
        const event = scene.event();
        await client.store(event);
        const subscription = client.freshId();
        client.send('REQ', subscription, { ids: [event.id.slice(0, 20)] });
        const { events, by, reason } = await client.answerTo(subscription);
        expectEvents(events, []);
        return by === 'CLOSED' ? `CLOSED ${reason}` : undefined;
      },
    },
    'many-authors': {
      level: 'SHOULD',
      title: 'A thousand authors',
      requirement: 'A filter may name 1,000 authors; a relay that finds it too long says CLOSED.',
      catches: ['authors-cut'],
      async run(scene) {
        const authors = Array.from({ length: MANY_AUTHORS - 1 }, (_, index) =>
          index.toString(16).padStart(64, 'a'),
        );
        const event = scene.event();
        const got = await storeAndAsk(scene, [event], { authors: [...authors, scene.alice.publicKey] });
        expectEvents(got, [event]);
      },
    },
    'many-filters': {
      level: 'SHOULD',
      title: 'Twenty filters',
      requirement: 'A REQ may hold 20 filters, or as many as the relay states; the answer is their union.',
      catches: ['filters-cut'],
      async run(scene) {
        const count = Math.min(MANY_FILTERS, scene.stated('max_filters') ?? MANY_FILTERS);
        const events = Array.from({ length: count }, (_, index) => scene.event({ kind: 1_100 + index }));
        const filters = events.map(({ kind }) => ({ kinds: [kind] }));
        expectEvents(await storeAndAsk(scene, events, ...filters), events);
      },
    },
    'event-once': {
      level: 'INFO',
      title: 'An event that matches two filters',
      requirement: 'An event that matches several filters of a REQ may come once or several times.',
      catches: ['overlap-doubled'],
      async run(scene) {
        const event = scene.event();
        const got = await storeAndAsk(scene, [event], {}, { kinds: [1] });
        if (got.length === 0) throw new NotArranged('needs the event served back');
        if (got.some(({ id }) => id !== event.id)) throw new Broken('another event came');
        return got.length > 1 ? `it came ${got.length} times` : undefined;
      },
    },
    'empty-list': {
      level: 'INFO',
      title: 'An empty list in a filter',
      requirement: 'NIP-01 gives lists one or more values; noted is what the relay makes of none.',
      catches: ['empty-list-refused'],
      async run(scene) {
        const client = await scene.connect();
        await client.store(scene.event());
        const subscription = client.freshId();
        client.send('REQ', subscription, { ...scene.only(), kinds: [] });
        const { by, events, reason } = await client.answerTo(subscription);
        demand(by !== undefined || client.isOpen, 'the connection ended');
        return by === 'CLOSED' ? `CLOSED ${reason}` : `${by ?? 'no answer'}, ${events.length} events`;
      },
    },
  },
);
