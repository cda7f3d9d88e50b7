import type { Body, DraftText } from './draft.js';
import { keyTag, type Note, type Scene, type Writer } from './scene.js';
import {
  HASHTAG_PERCENT,
  MAX_PARTICIPANTS,
  NOTE_LENGTHS,
  REPLY_HASHTAG_PERCENT,
  REPLY_PERCENT,
} from './specification.js';
import { writeText } from './text.js';
import { CLIENTS } from './vocabulary.js';

/** Kind 1: a note that starts a thread, or a reply with the marked tags of NIP-10. */
export const writeNote: Writer = (scene, { signer }, position) => {
  const parent = scene.random.percent(REPLY_PERCENT) ? scene.chooseNote() : undefined;
  const thread = parent ? replyTo(scene, parent) : openThread(scene);
  const root = parent?.root ?? { position, signer };
  scene.addNote({ position, signer, root, participants: thread.mentions });

  const hashtags = scene.random.percent(parent ? REPLY_HASHTAG_PERCENT : HASHTAG_PERCENT)
    ? scene.drawHashtags(1 + scene.random.below(4))
    : [];
  return {
    tags: [...thread.tags, ...hashtags.map((tag) => ['t', tag]), ...clientTag(scene)],
    content: withHashtags(noteText(scene), hashtags),
  };
};

type Thread = { readonly tags: Body['tags']; readonly mentions: readonly number[] };

function openThread(scene: Scene): Thread {
  const count = scene.random.percent(12) ? 1 + scene.random.below(3) : 0;
  const mentions = [...new Set(Array.from({ length: count }, () => scene.drawPerson()))];
  return { tags: mentions.map(keyTag), mentions };
}

function replyTo(scene: Scene, parent: Note): Thread {
  const mentions = [...new Set([parent.signer, ...parent.participants])].slice(0, MAX_PARTICIPANTS);
  const tags = [threadTag(scene, parent.root, 'root')];
  if (parent.position !== parent.root.position) tags.push(threadTag(scene, parent, 'reply'));
  return { tags: [...tags, ...mentions.map(keyTag)], mentions };
}

function threadTag(
  scene: Scene,
  note: { readonly position: number; readonly signer: number },
  marker: 'root' | 'reply',
): readonly DraftText[] {
  return ['e', { idOf: note.position }, scene.relay(), marker, { keyOf: note.signer }];
}

function noteText(scene: Scene): string {
  return writeText(scene.random, scene.random.within(scene.random.weighted(NOTE_LENGTHS)));
}

function withHashtags(text: string, hashtags: readonly string[]): string {
  return hashtags.length === 0 ? text : `${text} ${hashtags.map((tag) => `#${tag}`).join(' ')}`;
}

function clientTag(scene: Scene): readonly (readonly string[])[] {
  return scene.random.percent(15) ? [['client', scene.random.pick(CLIENTS)]] : [];
}
