/** Live delivery: what arrives after EOSE, and what does not. */
import { expectDelivery, expectNoDelivery, expectNotDelivered } from './expectations.js';
import { section } from './probe.js';
import { severalAtOnce } from './scene.js';

export const liveProbes = section(
  'nip01/live',
  { reference: 'NIP-01, From client to relay', needs: ['writing'] },
  {
    matching: {
      level: 'SHOULD',
      title: 'New matches arrive',
      requirement: 'An event that is accepted after EOSE is sent to the subscriptions that it matches.',
      catches: ['live-dropped'],
      async run(scene) {
        const [client, writer] = [await scene.connect(), await scene.connect()];
        const answer = await client.subscribe(scene.byAlice());
        const event = scene.event({ at: 0 });
        await writer.store(event);
        await expectDelivery(client, answer, event, 'which it matches');
      },
    },
    'by-tag': {
      level: 'SHOULD',
      title: 'New matches by a tag arrive',
      requirement: 'A filter with a tag is live as any other is.',
      catches: ['D32'],
      async run(scene) {
        const [client, writer] = [await scene.connect(), await scene.connect()];
        const answer = await client.subscribe(scene.only());
        const event = scene.event({ at: 0 });
        await writer.store(event);
        await expectDelivery(client, answer, event, 'which it matches by a tag');
      },
    },
    'own-event': {
      level: 'SHOULD',
      title: 'Own events arrive too',
      requirement:
        'The connection that publishes gets the event for its own subscriptions as any other does.',
      catches: ['own-withheld'],
      async run(scene) {
        const client = await scene.connect();
        const answer = await client.subscribe(scene.only());
        const event = scene.event({ at: 0 });
        await client.store(event);
        await expectDelivery(client, answer, event, 'which it matches, on the connection that published it');
      },
    },
    'not-matching': {
      level: 'MUST',
      title: 'Other events do not arrive',
      requirement: 'An event that matches no filter of a subscription is not sent for it.',
      catches: ['kinds-ignored'],
      async run(scene) {
        const [client, writer] = [await scene.connect(), await scene.connect()];
        const answer = await client.subscribe(scene.only({ kinds: [7] }), scene.only({ '#x': ['yes'] }));
        const event = scene.event({ kind: 1, at: 0, tags: [['x', 'no']] });
        await writer.store(event);
        await expectNoDelivery(client, answer, event, 'none of whose filters it matches');
      },
    },
    'every-filter': {
      level: 'SHOULD',
      title: 'Every filter is live',
      requirement: 'A new event arrives whichever of the filters it matches.',
      catches: ['first-filter-only'],
      async run(scene) {
        const [client, writer] = [await scene.connect(), await scene.connect()];
        const answer = await client.subscribe(scene.only({ kinds: [1] }), scene.only({ kinds: [7] }));
        const [first, last] = [scene.event({ kind: 1, at: 0 }), scene.event({ kind: 7, at: 0 })];
        await writer.store(first, last);
        await expectDelivery(client, answer, first, 'whose first filter it matches');
        await expectDelivery(client, answer, last, 'whose second filter it matches');
      },
    },
    'nothing-after-close': {
      level: 'MUST',
      title: 'Closed is closed',
      requirement: 'What is published after a CLOSE was surely read is not sent for that subscription.',
      catches: ['delivers-after-close'],
      async run(scene) {
        const [client, writer] = [await scene.connect(), await scene.connect()];
        const answer = await client.subscribe(scene.only());
        await client.closeForGood(answer);
        const event = scene.event({ at: 0 });
        await writer.store(event);
        await expectNoDelivery(client, answer, event, 'which had been closed before it was published');
      },
    },
    'close-at-once': {
      level: 'SHOULD',
      title: 'A CLOSE right behind its REQ closes it',
      requirement: 'A CLOSE that is sent before the REQ was answered ends the subscription as well.',
      catches: ['D29'],
      async run(scene) {
        const [client, writer] = [await scene.connect(), await scene.connect()];
        await writer.store(...scene.events(20, { at: -30 }));
        const subscriptions = severalAtOnce(scene, () => {
          const subscription = client.request([scene.only()]);
          client.close(subscription);
          return { subscription };
        });
        await client.settle();
        const event = scene.event({ at: 0 });
        await writer.store(event);
        await client.settle();
        for (const closed of subscriptions) {
          expectNotDelivered(client, closed, event, 'which had been closed before it was published');
        }
      },
    },
    'other-stays-open': {
      level: 'SHOULD',
      title: 'CLOSE ends one subscription',
      requirement: 'The other subscriptions of a connection go on.',
      catches: ['close-ends-all'],
      async run(scene) {
        const client = await scene.connect();
        const [one, two] = [await client.subscribe(scene.only()), await client.subscribe(scene.only())];
        await client.closeForGood(one);
        const event = scene.event({ at: 0 });
        await client.store(event);
        await expectDelivery(client, two, event, 'which nobody closed');
      },
    },
    ephemeral: {
      level: 'SHOULD',
      title: 'Ephemeral events reach those who listen',
      requirement: 'An event of an ephemeral kind is sent to the subscriptions that it matches.',
      catches: ['ephemeral-withheld'],
      async run(scene) {
        const [client, writer] = [await scene.connect(), await scene.connect()];
        const answer = await client.subscribe(scene.only({ kinds: [20_001] }));
        const event = scene.event({ kind: 20_001, at: 0 });
        await writer.store(event);
        await expectDelivery(client, answer, event, 'which asks for its ephemeral kind');
      },
    },
    'ephemeral-kept': {
      level: 'INFO',
      title: 'Ephemeral events are kept',
      requirement:
        'Relays are not expected to store ephemeral kinds; noted is whether this one serves them later.',
      catches: ['D22'],
      async run(scene) {
        const client = await scene.connect();
        await client.subscribe(scene.only({ kinds: [20_002] }));
        await client.store(scene.event({ kind: 20_002, at: 0 }));
        await client.settle();
        const reader = await scene.connect();
        const got = await reader.ask(scene.only({ kinds: [20_002] }));
        return got.length > 0 ? 'served as stored' : undefined;
      },
    },
    'replaced-subscription': {
      level: 'SHOULD',
      title: 'A replaced subscription is live',
      requirement: 'After a REQ with a used id, what the new filters match arrives.',
      catches: ['replacement-unheard'],
      async run(scene) {
        const [client, writer] = [await scene.connect(), await scene.connect()];
        const { subscription } = await client.subscribe(scene.only({ kinds: [1] }));
        const since = client.messages.length;
        client.request([scene.only({ kinds: [7] })], subscription);
        const answer = await client.answerTo(subscription, since);
        const event = scene.event({ kind: 7, at: 0 });
        await writer.store(event);
        await expectDelivery(client, answer, event, 'whose new filter it matches');
      },
    },
  },
);
