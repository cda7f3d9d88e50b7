import type { Scene, Writer } from './scene.js';
import { keyTag } from './scene.js';
import { FOLLOW_COUNTS } from './specification.js';
import { writeText } from './text.js';
import { NAMES, RELAYS } from './vocabulary.js';

/** Kind 0: a profile as stringified JSON (NIP-01, NIP-24). A person keeps the name through all versions. */
export function profileWriter(): Writer {
  const names = new Map<number, string>();
  return ({ random }, { signer }) => {
    const name = names.get(signer) ?? `${random.pick(NAMES)}${random.below(1000)}`;
    names.set(signer, name);
    const host = `${random.pick(['one', 'two', 'three'])}.example`;
    const profile = {
      name,
      display_name: random.percent(60)
        ? `${name} ${random.pick(['⚡', '🟣', '', 'the Great', '🧡'])}`
        : undefined,
      about: random.percent(80) ? writeText(random, 10 + random.below(200)) : undefined,
      picture: random.percent(85)
        ? `https://media.example/${random.bytes(16).toString('hex')}.jpg`
        : undefined,
      banner: random.percent(40)
        ? `https://media.example/${random.bytes(16).toString('hex')}.png`
        : undefined,
      nip05: random.percent(50) ? `${name}@${host}` : undefined,
      lud16: random.percent(55) ? `${name}@wallet.${host}` : undefined,
    };
    return { tags: [], content: JSON.stringify(profile) };
  };
}

/** Kind 3 (NIP-02): each version is the one before with a few people more and sometimes one fewer. */
export function followListWriter(): Writer {
  const follows = new Map<number, readonly number[]>();
  return (scene, { signer }) => {
    const before = follows.get(signer);
    const list = before ? changed(scene, before) : firstList(scene);
    follows.set(signer, list);
    return { tags: list.map(keyTag), content: '' };
  };
}

function firstList(scene: Scene): readonly number[] {
  const wanted = scene.random.within(scene.random.weighted(FOLLOW_COUNTS));
  const count = Math.min(wanted, Math.max(1, scene.peopleCount - 1));
  const list = new Set<number>();
  // Popular people first; the ranks that follow on fill up what a skewed draw would take long to find.
  for (let draws = 0; draws < 8 * count && list.size < count; draws++) list.add(scene.drawPerson());
  for (let rank = scene.drawRank(); list.size < count; rank = (rank + 1) % scene.peopleCount) {
    list.add(scene.person(rank));
  }
  return [...list];
}

function changed(scene: Scene, before: readonly number[]): readonly number[] {
  const dropped = scene.random.percent(30) ? scene.random.below(before.length) : -1;
  const kept = before.filter((_, index) => index !== dropped);
  const added = Array.from({ length: 1 + scene.random.below(3) }, () => scene.drawPerson());
  return [...new Set([...kept, ...added])];
}

/** Kind 10002 (NIP-65): two to six relays, some only for reading or writing. */
export const writeRelayList: Writer = ({ random }) => {
  const start = random.below(RELAYS.length);
  const count = 2 + random.below(5);
  const tags = Array.from({ length: count }, (_, index) => {
    const relay = RELAYS[(start + index) % RELAYS.length] ?? '';
    const marker = random.pick(['', '', 'read', 'write']);
    return marker === '' ? ['r', relay] : ['r', relay, marker];
  });
  return { tags, content: '' };
};
