/** Deletion requests. */
import type { NostrEvent } from 'nostr-tools/pure';
import { expectEvents, expectOk } from './expectations.js';
import { section } from './probe.js';
import { demand, type Scene } from './scene.js';

const DELETION = 5;
const ADDRESSABLE = 30_023;

/** What a deletion request for one note says. */
const requestToDelete = (event: NostrEvent) => ({
  kind: DELETION,
  at: 0,
  tags: [
    ['e', event.id],
    ['k', '1'],
  ],
});

/** The scene's events of other kinds than deletions, after a deletion request. */
async function leftAfter(
  scene: Scene,
  events: readonly NostrEvent[],
  deletion: NostrEvent,
  by = scene.alice,
): Promise<readonly NostrEvent[]> {
  const author = await scene.connect();
  await author.store(...events);
  const deleter = by === scene.alice ? author : await scene.connect({ as: by });
  expectOk(deleter, await deleter.publish(deletion), 'a deletion request');
  await author.settle();
  return (await author.ask(scene.only())).filter(({ kind }) => kind !== DELETION);
}

export const deletionProbes = section(
  'nip09',
  { reference: 'NIP-09', claim: 9, needs: ['writing'] },
  {
    'by-id': {
      level: 'SHOULD',
      title: 'Deletion by id',
      requirement: 'Events that their author names by `e` in a deletion request are not served any more.',
      catches: ['deletion-ignored'],
      async run(scene) {
        const [gone, kept] = [scene.event({ at: -20 }), scene.event({ at: -10 })];
        const deletion = scene.event(requestToDelete(gone));
        expectEvents(await leftAfter(scene, [gone, kept], deletion), [kept]);
      },
    },
    'by-address': {
      level: 'SHOULD',
      title: 'Deletion by address, up to its time',
      requirement:
        'Versions named by `a` are deleted up to created_at of the request; a later version is served.',
      catches: ['deletion-ignored'],
      async run(scene) {
        const of = (d: string, at: number) =>
          scene.event({ kind: ADDRESSABLE, at, tags: [['d', `${d} ${scene.tag}`]] });
        const [gone, later] = [of('gone', -30), of('later', -5)];
        const tags = ['gone', 'later'].map((d) => [
          'a',
          `${ADDRESSABLE}:${scene.alice.publicKey}:${d} ${scene.tag}`,
        ]);
        const deletion = scene.event({ kind: DELETION, at: -10, tags });
        expectEvents(await leftAfter(scene, [gone, later], deletion), [later]);
      },
    },
    'not-of-others': {
      level: 'SHOULD',
      title: 'Nobody deletes the events of another',
      requirement: 'A deletion request reaches events of its own author alone.',
      needs: ['writing', 'second-key'],
      catches: ['others-delete'],
      async run(scene) {
        const event = scene.event({ at: -20 });
        const deletion = scene.event(requestToDelete(event), scene.bob);
        expectEvents(await leftAfter(scene, [event], deletion, scene.bob), [event]);
      },
    },
    'address-of-others': {
      level: 'SHOULD',
      title: 'Nobody deletes the address of another',
      requirement: 'An `a` tag with another author than that of the request deletes nothing.',
      needs: ['writing', 'second-key'],
      catches: ['others-delete'],
      async run(scene) {
        const event = scene.event({ kind: ADDRESSABLE, at: -20, tags: [['d', scene.tag]] });
        const tags = [['a', `${ADDRESSABLE}:${scene.alice.publicKey}:${scene.tag}`]];
        const deletion = scene.event({ kind: DELETION, at: 0, tags }, scene.bob);
        expectEvents(await leftAfter(scene, [event], deletion, scene.bob), [event]);
      },
    },
    'request-served': {
      level: 'SHOULD',
      title: 'The request itself stays',
      requirement: 'Deletion requests go on being served.',
      catches: ['deletion-unserved'],
      async run(scene) {
        const client = await scene.connect();
        const event = scene.event({ at: -20 });
        const deletion = scene.event(requestToDelete(event));
        await client.store(event, deletion);
        expectEvents(await client.ask(scene.only({ kinds: [DELETION] })), [deletion]);
      },
    },
    'resubmitted-once': {
      level: 'MUST',
      title: 'A deleted event that is sent again gets one OK',
      requirement: 'Sending a deleted event again is answered by one OK, as any EVENT is.',
      reference: 'NIP-01, From relay to client',
      catches: ['oks-doubled', 'D20'],
      async run(scene) {
        const client = await scene.connect();
        const event = scene.event({ at: -20 });
        await client.store(event, scene.event(requestToDelete(event)));
        const since = client.messages.length;
        client.post(event);
        expectOk(client, await client.okOf(event.id, since), 'a deleted event that is sent again');
        await client.settle();
        const oks = client.messages.slice(since).filter((m) => m[0] === 'OK' && m[1] === event.id).length;
        demand(oks === 1, `${oks} OKs came for one EVENT`);
      },
    },
    'stays-deleted': {
      level: 'SHOULD',
      title: 'A deleted event stays deleted',
      requirement: 'A deleted event that is sent again is not served.',
      catches: ['deletion-ignored'],
      async run(scene) {
        const client = await scene.connect();
        const event = scene.event({ at: -20 });
        await client.store(event, scene.event(requestToDelete(event)));
        const since = client.messages.length;
        client.post(event);
        await client.okOf(event.id, since);
        expectEvents(await client.ask({ ids: [event.id] }), []);
      },
    },
  },
);
