/** Subscription ids, REQs that take another's place, and limits that end nothing. */
import type { Filter } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import { expectDelivery, expectNoDelivery, expectNotDelivered } from './expectations.js';
import { NotArranged, section } from './probe.js';
import { demand, type Scene, severalAtOnce } from './scene.js';

const LONGEST_ID = 64;

/** How a subscription id outside the rules is met: any way will do. */
async function reactionToId(scene: Scene, subscription: unknown): Promise<string> {
  const client = await scene.connect();
  const since = client.messages.length;
  client.send('REQ', subscription, { ids: ['0'.repeat(64)] });
  const isAnswer = ([label, id]: readonly unknown[]) =>
    label === 'NOTICE' || ((label === 'EOSE' || label === 'CLOSED') && id === subscription);
  const answer = await client.expect(isAnswer, { since, withinMs: 1_000 });
  if (answer) return String(answer[0]);
  return client.isOpen ? 'no answer' : 'the relay ended the connection';
}

/** The second REQ of an id stands; nothing that only the first matches arrives any more. */
async function expectReplaced(scene: Scene, second: (stored: NostrEvent) => Filter): Promise<void> {
  const client = await scene.connect();
  const writer = await scene.connect();
  const stored = scene.event({ kind: 7 });
  await writer.store(stored);
  const { subscription } = await client.subscribe(scene.byAlice({ kinds: [1] }));
  const since = client.messages.length;
  client.request([second(stored)], subscription);
  const answer = await client.answerTo(subscription, since);
  if (answer.by !== 'EOSE') throw new NotArranged('needs the second REQ answered by EOSE');
  await client.settle();
  const event = scene.event({ kind: 1, at: 0 });
  await writer.store(event);
  await expectNoDelivery(client, answer, event, 'which a later REQ of the same id had replaced');
}

export const subscriptionProbes = section(
  'nip01/req',
  { reference: 'NIP-01, From client to relay' },
  {
    'same-id-replaces': {
      level: 'MUST',
      title: 'A REQ with a used id replaces the old one',
      requirement: 'After a second REQ with the same id the filters of the first count no longer.',
      needs: ['writing'],
      catches: ['D1'],
      run: (scene) => expectReplaced(scene, () => scene.byAlice({ kinds: [7] })),
    },
    'same-id-replaces-by-ids': {
      level: 'MUST',
      title: 'A REQ for ids replaces the old one',
      requirement: 'A second REQ replaces the first also when it asks for ids alone, all of which are found.',
      needs: ['writing'],
      catches: ['D1'],
      run: (scene) => expectReplaced(scene, ({ id }) => ({ ids: [id] })),
    },
    'same-id-replaces-by-limit': {
      level: 'MUST',
      title: 'A REQ whose limit is reached replaces the old one',
      requirement: 'A second REQ replaces the first also when its limit is reached at once.',
      needs: ['writing'],
      catches: ['D1', 'D25'],
      run: (scene) => expectReplaced(scene, () => scene.byAlice({ kinds: [7], limit: 1 })),
    },
    'same-id-at-once': {
      level: 'SHOULD',
      title: 'The second of two REQs sent at once stands',
      requirement:
        'Two REQs of one id that are sent right after each other leave the second one open, and it alone.',
      needs: ['writing'],
      catches: ['D1', 'D29'],
      async run(scene) {
        const client = await scene.connect();
        const writer = await scene.connect();
        await writer.store(...scene.events(20, { at: -30 }));
        const subscriptions = severalAtOnce(scene, () => {
          const subscription = client.request([scene.only({ kinds: [1] })]);
          return client.request([scene.only({ kinds: [7] })], subscription);
        });
        const answers = await Promise.all(subscriptions.map((subscription) => client.answerTo(subscription)));
        await client.settle();
        const [old, current] = [scene.event({ kind: 1, at: 0 }), scene.event({ kind: 7, at: 0 })];
        await writer.store(old, current);
        for (const answer of answers) {
          await expectDelivery(client, answer, current, 'whose second REQ it matches');
        }
        await client.settle();
        for (const answer of answers) {
          expectNotDelivered(client, answer, old, 'whose second REQ it does not match');
        }
      },
    },
    'ids-per-connection': {
      level: 'MUST',
      title: 'Subscription ids belong to their connection',
      requirement: 'The same id on two connections is two subscriptions; closing one leaves the other.',
      needs: ['writing'],
      catches: ['ids-shared'],
      async run(scene) {
        const [one, two] = [await scene.connect(), await scene.connect()];
        const shared = 'of both';
        const first = await one.subscribeAs(shared, scene.only({ kinds: [1] }));
        const second = await two.subscribeAs(shared, scene.only({ kinds: [7] }));
        await two.closeForGood(second);
        const event = scene.event({ kind: 1, at: 0 });
        await one.store(event);
        await expectDelivery(one, first, event, 'though only the other connection closed that id');
        await expectNoDelivery(two, second, event, 'which that connection had closed');
      },
    },
    'id-one-character': {
      level: 'MUST',
      title: 'A subscription id of one character',
      requirement: 'Any string of 1 to 64 characters is a subscription id.',
      catches: ['short-id-ignored'],
      async run(scene) {
        const client = await scene.connect();
        const { by } = await client.answerTo(client.request([{ ids: ['0'.repeat(64)] }], '"'));
        demand(by !== undefined || !client.isOpen, 'a REQ with the id "\\"" was not answered');
      },
    },
    'id-longest': {
      level: 'MUST',
      title: 'A subscription id of 64 characters',
      requirement: 'Any string of 1 to 64 characters is a subscription id.',
      catches: ['long-id-ignored'],
      async run(scene) {
        const client = await scene.connect();
        const id = `${'long id : '.repeat(6)}1234`.slice(0, LONGEST_ID);
        const { by } = await client.answerTo(client.request([{ ids: ['0'.repeat(64)] }], id));
        demand(by !== undefined || !client.isOpen, 'a REQ with an id of 64 characters was not answered');
      },
    },
    'id-too-long': {
      level: 'INFO',
      title: 'A subscription id of 65 characters',
      requirement: 'NIP-01 ends at 64 characters; noted is how the relay meets one more.',
      catches: ['odd-id-cut'],
      run: (scene) => reactionToId(scene, 'x'.repeat(LONGEST_ID + 1)),
    },
    'id-empty': {
      level: 'INFO',
      title: 'An empty subscription id',
      requirement: 'A subscription id is not empty; noted is how the relay meets one that is.',
      catches: ['odd-id-cut'],
      run: (scene) => reactionToId(scene, ''),
    },
    'id-not-a-string': {
      level: 'INFO',
      title: 'A subscription id that is no string',
      requirement: 'A subscription id is a string; noted is how the relay meets a number.',
      catches: ['odd-id-cut'],
      run: (scene) => reactionToId(scene, 7),
    },
  },
);

export const limitLiveProbes = section(
  'nip01/req',
  { reference: 'NIP-01, From client to relay: limit', needs: ['writing'] },
  {
    'limit-zero': {
      level: 'MUST',
      title: 'limit: 0 asks for live events alone',
      requirement:
        'The limit MUST be ignored after the initial query: with `limit: 0` EOSE comes, then what is new.',
      catches: ['D8'],
      async run(scene) {
        const client = await scene.connect();
        await client.store(scene.event());
        // What comes before EOSE is a matter of SHOULD: nip01/req/limit.
        const answer = await client.subscribe(scene.byAlice({ limit: 0 }));
        const event = scene.event({ at: 0 });
        await client.store(event);
        await expectDelivery(client, answer, event, 'whose limit is for stored events only');
      },
    },
    'limit-reached': {
      level: 'MUST',
      title: 'A reached limit ends nothing',
      requirement: 'The limit MUST be ignored after the initial query: new matches go on arriving.',
      catches: ['D8'],
      async run(scene) {
        const client = await scene.connect();
        await client.store(...scene.events(3));
        const answer = await client.subscribe(scene.byAlice({ limit: 2 }));
        const event = scene.event({ at: 0 });
        await client.store(event);
        await expectDelivery(client, answer, event, 'whose limit is for stored events only');
      },
    },
    'ended-in-silence': {
      level: 'INFO',
      title: 'A subscription ends and nobody says so',
      requirement:
        'A relay that ends a subscription says CLOSED; noted is one that stops delivering when a limit was reached, and says nothing.',
      catches: ['D12'],
      async run(scene) {
        const client = await scene.connect();
        await client.store(...scene.events(2));
        const { subscription } = await client.subscribe(scene.byAlice({ limit: 1 }));
        const event = scene.event({ at: 0 });
        await client.store(event);
        if (await client.delivers(subscription, event.id)) return;
        const isClosed = client.messages.some((m) => m[0] === 'CLOSED' && m[1] === subscription);
        return isClosed ? undefined : 'it ended when its limit was reached, without a CLOSED';
      },
    },
    'ids-not-found': {
      level: 'SHOULD',
      title: 'An id that is not found may still come',
      requirement: 'A REQ for an id that the relay lacks gets the event when it is published.',
      catches: ['D31'],
      async run(scene) {
        const client = await scene.connect();
        const event = scene.event({ at: 0 });
        const answer = await client.subscribe({ ids: [event.id] });
        await client.store(event);
        await expectDelivery(client, answer, event, 'which asks for its id');
      },
    },
  },
);
