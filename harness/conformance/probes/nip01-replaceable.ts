/** Replaceable and addressable events: one version of each is served. */
import type { NostrEvent } from 'nostr-tools/pure';
import { newestFirst } from '../matching.js';
import { expectEvents, expectOk } from './expectations.js';
import { section } from './probe.js';
import type { Scene } from './scene.js';

const ADDRESSABLE = 30_023;

/** Publishes versions in order, whatever the relay says of each, and returns what is served. */
async function publishVersions(
  scene: Scene,
  versions: readonly NostrEvent[],
): Promise<readonly NostrEvent[]> {
  const client = await scene.connect();
  const [first, ...later] = versions;
  if (first) await client.store(first);
  for (const version of later) expectOk(client, await client.publish(version), 'a later version');
  await client.settle();
  return client.ask(scene.only());
}

export const replaceableProbes = section(
  'nip01/replaceable',
  { reference: 'NIP-01, Kinds', needs: ['writing'] },
  {
    'newest-wins': {
      level: 'SHOULD',
      title: 'The newest version is served',
      requirement: 'Of a replaceable event only the latest version is sent.',
      catches: ['versions-kept'],
      async run(scene) {
        const versions = [-30, -20, -10].map((at) => scene.event({ kind: 11_001, at, content: `${at}` }));
        expectEvents(await publishVersions(scene, versions), versions.slice(2));
      },
    },
    'older-stays-out': {
      level: 'SHOULD',
      title: 'An older version does not come back',
      requirement: 'A version that is older than the one that the relay has changes nothing.',
      catches: ['last-written-wins'],
      async run(scene) {
        const [newest, older] = [
          scene.event({ kind: 11_002, at: -10 }),
          scene.event({ kind: 11_002, at: -20 }),
        ];
        expectEvents(await publishVersions(scene, [newest, older]), [newest]);
      },
    },
    tie: {
      level: 'SHOULD',
      title: 'In a tie the lowest id stays',
      requirement: 'Of two versions of one second the one with the lowest id is kept, whichever came first.',
      catches: ['last-written-wins'],
      async run(scene) {
        for (const [kind, order] of [
          [11_003, 1],
          [11_004, -1],
        ] as const) {
          const tied = ['a', 'b']
            .map((content) => scene.event({ kind, content }))
            .sort((a, b) => order * newestFirst(a, b));
          const client = await scene.connect();
          const [first, second] = tied;
          if (!first || !second) return;
          await client.store(first);
          expectOk(client, await client.publish(second), 'a version of the same second');
          await client.settle();
          expectEvents(await client.ask(scene.only({ kinds: [kind] })), [
            tied.toSorted(newestFirst)[0] ?? first,
          ]);
        }
      },
    },
    addressable: {
      level: 'SHOULD',
      title: 'Addressable events are replaced by their d tag',
      requirement: 'Of each kind, author and `d` value the latest version is sent; other `d` values stay.',
      catches: ['versions-kept'],
      async run(scene) {
        const of = (d: string, at: number) =>
          scene.event({ kind: ADDRESSABLE, at, tags: [['d', `${scene.tag} ${d}`]] });
        const [old, other, latest] = [of('a', -30), of('b', -20), of('a', -10)];
        expectEvents(await publishVersions(scene, [old, other, latest]), [other, latest]);
      },
    },
    'other-author': {
      level: 'SHOULD',
      title: 'Nobody replaces the events of another',
      requirement: 'A version by another author replaces nothing.',
      needs: ['writing', 'second-key'],
      catches: ['others-replace'],
      async run(scene) {
        const tags = [['d', scene.tag]];
        const mine = scene.event({ kind: ADDRESSABLE, at: -20, tags });
        const theirs = scene.event({ kind: ADDRESSABLE, at: -10, tags }, scene.bob);
        const reader = await scene.connect();
        await reader.store(mine);
        const writer = await scene.connect({ as: scene.bob });
        await writer.store(theirs);
        await reader.settle();
        expectEvents(await reader.ask(scene.only()), [mine, theirs]);
      },
    },
    'missing-d': {
      level: 'INFO',
      title: 'No d tag is another address than an empty d tag',
      requirement:
        'Whether an addressable event without `d` is a version of one with an empty `d`: NIP-01 says nothing of it.',
      catches: ['missing-d-apart'],
      async run(scene) {
        const kind = 30_079;
        const without = scene.event({ kind, at: -20 });
        const empty = scene.event({ kind, at: -10, tags: [['d', '']] });
        const got = await publishVersions(scene, [without, empty]);
        return got.some(({ id }) => id === without.id) ? 'both are served' : undefined;
      },
    },
    'found-by-d': {
      level: 'SHOULD',
      title: 'An address can be asked for',
      requirement: 'A filter of kind, author and `#d` finds the addressable event.',
      catches: ['d-unindexed'],
      async run(scene) {
        const d = `address ${scene.tag}`;
        const event = scene.event({ kind: ADDRESSABLE, tags: [['d', d]] });
        const client = await scene.connect();
        await client.store(event);
        const filter = { kinds: [ADDRESSABLE], authors: [scene.alice.publicKey], '#d': [d] };
        expectEvents(await client.ask(filter), [event]);
      },
    },
  },
);
