/** Events whose fields are malformed or odd. */
import type { NostrEvent } from 'nostr-tools/pure';
import { quoted } from '../checks/check.js';
import { expectOk } from './expectations.js';
import { demand, type Scene } from './scene.js';

const DAY_S = 86_400;

/** Sends something that claims to be an event and is none; demands that it isn't accepted. */
async function expectNotTaken(
  scene: Scene,
  event: NostrEvent,
  altered: Record<string, unknown>,
): Promise<string> {
  const client = await scene.connect();
  const given = { ...event, ...altered };
  const since = client.messages.length;
  client.send('EVENT', given);
  await client.settle();
  const oks = client.messages.slice(since).filter((m) => m[0] === 'OK');
  demand(!oks.some((m) => m[2] === true), 'the event was accepted');
  const reader = await scene.connect();
  const served = await reader.ask({ ids: [event.id] });
  demand(served.length === 0, 'the event is served');
  return oks.length > 0 ? `OK false: ${quoted(String(oks[0]?.[3]))}` : 'no OK';
}

const MALFORMED: Readonly<Record<string, (event: NostrEvent) => Record<string, unknown>>> = {
  'short-id': ({ id }) => ({ id: id.slice(2) }),
  'short-pubkey': ({ pubkey }) => ({ pubkey: pubkey.slice(2) }),
  'short-signature': ({ sig }) => ({ sig: sig.slice(2) }),
  'missing-field': () => ({ sig: undefined }),
  'content-number': () => ({ content: 7 }),
  'tags-object': () => ({ tags: {} }),
  'tag-of-numbers': () => ({ tags: [['t', 7]] }),
  'created-at-text': ({ created_at }) => ({ created_at: String(created_at) }),
  'kind-text': ({ kind }) => ({ kind: String(kind) }),
};

/** What a relay makes of a `created_at`: accepted, or why not. */
async function reactionToTime(scene: Scene, created_at: number): Promise<string> {
  const client = await scene.connect();
  const event = scene.signed({ kind: 1, content: '', tags: [['t', scene.tag]], created_at });
  const { accepted, reason } = expectOk(client, await client.publish(event), `an event of ${created_at}`);
  return accepted ? 'accepted' : `refused: ${quoted(reason)}`;
}

const times = {
  now: ['Now', (scene: Scene) => scene.nowS],
  'year-ago': ['A year ago', (scene: Scene) => scene.nowS - 365 * DAY_S],
  'far-future': ['Ten years ahead', (scene: Scene) => scene.nowS + 3650 * DAY_S],
  negative: ['Before 1970', () => -1],
  'beyond-32-bits': ['Beyond 32 bits', () => 2 ** 32 + 1],
} as const satisfies Record<string, readonly [string, (scene: Scene) => number]>;

/** Events of the wrong form, as entries of the section nip01/event. */
export const malformed = Object.entries(MALFORMED).map(([name, alter]) => [
  `malformed-${name}`,
  {
    level: 'MUST' as const,
    title: `An event of the wrong form: ${name.replaceAll('-', ' ')}`,
    requirement: 'An event whose fields lack the form that NIP-01 gives them is neither accepted nor served.',
    catches: ['malformed-accepted'] as const,
    async run(scene: Scene) {
      const event = scene.event();
      return expectNotTaken(scene, event, alter(event));
    },
  },
]);

/** What relays make of odd times, as entries of the section nip01/event. */
export const timestamps = Object.entries(times).map(([name, [title, timeOf]]) => [
  `created-at-${name}`,
  {
    level: 'INFO' as const,
    title: `created_at: ${title.toLowerCase()}`,
    requirement: 'Relays may refuse times that they find improbable; noted is what this one does.',
    catches: ['times-refused'] as const,
    run: (scene: Scene) => reactionToTime(scene, timeOf(scene)),
  },
]);
