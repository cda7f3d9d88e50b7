/** Filters: which events match the fields of one, and the filters of a REQ. */
import type { Filter } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import { expectAmong, expectEvents } from './expectations.js';
import { section } from './probe.js';
import type { Scene } from './scene.js';

/** A kind that nobody else's probe is likely to use. */
function rareKind(scene: Scene): number {
  return 1_000 + (Number.parseInt(scene.tag.slice(0, 8), 16) % 8_000);
}

/** Stores events and asks for them with a filter of one field alone, whatever else the relay holds. */
async function oneFieldAlone(
  scene: Scene,
  matching: readonly NostrEvent[],
  others: readonly NostrEvent[],
  filter: Filter,
): Promise<void> {
  scene.unjudged();
  const client = await scene.connect();
  await client.store(...matching, ...others);
  expectAmong(await client.ask(filter), matching, others);
}

/** Stores events of the scene and asks for some of them. */
export async function storeAndAsk(
  scene: Scene,
  events: readonly NostrEvent[],
  ...filters: readonly Filter[]
): Promise<readonly NostrEvent[]> {
  const client = await scene.connect();
  await client.store(...events);
  return client.ask(...filters.map((filter) => scene.only(filter)));
}

export const filterProbes = section(
  'nip01/req',
  { reference: 'NIP-01, From client to relay', needs: ['writing'] },
  {
    'field-ids': {
      level: 'SHOULD',
      title: 'ids alone',
      requirement: 'A filter with `ids` gets those events and no others.',
      catches: ['ids-ignored'],
      async run(scene) {
        const [wanted, ...others] = scene.events(3);
        if (wanted) await oneFieldAlone(scene, [wanted], others, { ids: [wanted.id] });
      },
    },
    'field-authors': {
      level: 'SHOULD',
      title: 'authors alone',
      requirement: 'A filter with `authors` gets the events of those authors and of no others.',
      needs: ['writing', 'second-key'],
      catches: ['authors-ignored'],
      async run(scene) {
        const others = [scene.event({}, scene.bob)];
        await oneFieldAlone(scene, scene.events(2), others, { authors: [scene.alice.publicKey] });
      },
    },
    'field-kinds': {
      level: 'SHOULD',
      title: 'kinds alone',
      requirement: 'A filter with `kinds` gets the events of those kinds and of no others.',
      catches: ['kinds-ignored'],
      async run(scene) {
        const kind = rareKind(scene);
        await oneFieldAlone(scene, scene.events(2, { kind }), scene.events(1), { kinds: [kind] });
      },
    },
    'field-tag': {
      level: 'SHOULD',
      title: 'A tag alone',
      requirement: 'A filter with a tag gets the events that carry one of its values, and no others.',
      catches: ['tags-ignored'],
      async run(scene) {
        const others = [
          scene.signed({ kind: 1, content: '', tags: [['t', `${scene.tag}x`]], created_at: scene.nowS - 9 }),
        ];
        await oneFieldAlone(scene, scene.events(2), others, scene.only());
      },
    },
    and: {
      level: 'SHOULD',
      title: 'The fields of a filter are joined by AND',
      requirement: 'An event has to meet all conditions of a filter.',
      catches: ['kinds-ignored'],
      async run(scene) {
        const kind = rareKind(scene);
        const wanted = scene.event({ kind, tags: [['x', 'yes']] });
        const others = [scene.event({ kind }), scene.event({ tags: [['x', 'yes']] })];
        const got = await storeAndAsk(scene, [wanted, ...others], { kinds: [kind], '#x': ['yes'] });
        expectEvents(got, [wanted]);
      },
    },
    or: {
      level: 'SHOULD',
      title: 'The filters of a REQ are joined by OR',
      requirement: 'An event has to match one of the filters.',
      catches: ['first-filter-only'],
      async run(scene) {
        const [a, b, c] = [scene.event({ kind: 1 }), scene.event({ kind: 7 }), scene.event({ kind: 1111 })];
        expectEvents(await storeAndAsk(scene, [a, b, c], { kinds: [1] }, { kinds: [7] }), [a, b]);
      },
    },
    'tag-values': {
      level: 'SHOULD',
      title: 'Any value of a tag filter will do',
      requirement: 'Event and condition need one value in common; events may carry several.',
      catches: ['first-tag-value-only'],
      async run(scene) {
        const one = scene.event({
          tags: [
            ['x', 'a'],
            ['x', 'b'],
          ],
        });
        const two = scene.event({ tags: [['x', 'c']] });
        const none = scene.event({ tags: [['x', 'd']] });
        expectEvents(await storeAndAsk(scene, [one, two, none], { '#x': ['b', 'c'] }), [one, two]);
      },
    },
    'two-tags': {
      level: 'SHOULD',
      title: 'Two tag filters are joined by AND',
      requirement: 'An event has to carry a value of each tag filter.',
      catches: ['second-tag-ignored'],
      async run(scene) {
        const both = scene.event({
          tags: [
            ['x', 'a'],
            ['y', 'b'],
          ],
        });
        const one = scene.event({ tags: [['x', 'a']] });
        const crossed = scene.event({
          tags: [
            ['x', 'b'],
            ['y', 'a'],
          ],
        });
        expectEvents(await storeAndAsk(scene, [both, one, crossed], { '#x': ['a'], '#y': ['b'] }), [both]);
      },
    },
    'tag-first-value': {
      level: 'SHOULD',
      title: 'Only the first value of a tag counts',
      requirement: 'A tag filter looks at the value right behind the name, at no later one.',
      catches: ['any-tag-value'],
      async run(scene) {
        const first = scene.event({ tags: [['x', 'a', 'b']] });
        const later = scene.event({ tags: [['x', 'b', 'a']] });
        expectEvents(await storeAndAsk(scene, [first, later], { '#x': ['a'] }), [first]);
      },
    },
  },
);
