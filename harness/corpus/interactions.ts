import type { Addressed, Articles } from './addressable.js';
import type { Body, DraftText } from './draft.js';
import { keyTag, type Note, type Scene, type Writer } from './scene.js';
import { REACTIONS, ZAP_AMOUNTS } from './specification.js';

const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';

/** Kind 7 (NIP-25): to a note, or to the newest version of an article. */
export function reactionWriter(articles: Articles): Writer {
  return (scene) => {
    const article = scene.random.percent(8) ? articles.recent(scene.random) : undefined;
    const reaction = scene.random.weighted(REACTIONS);
    const target = article ? articleTags(scene, article) : noteTags(scene, requiredNote(scene));
    const emoji = reaction === ':soapbox:' ? [['emoji', 'soapbox', 'https://media.example/soapbox.png']] : [];
    return { tags: [...target, ...emoji], content: reaction };
  };
}

/** Kind 6 (NIP-18), most with the note inside. */
export const writeRepost: Writer = (scene) => {
  const note = requiredNote(scene);
  return {
    tags: [['e', { idOf: note.position }, scene.relay()], keyTag(note.signer)],
    content: scene.random.percent(15) ? '' : { jsonOf: note.position },
  };
};

/**
 * Kind 9735 (NIP-57), with the signed kind 9734 request inside. Invoice and lnurl have the form and the length of
 * real ones and pay nobody.
 */
export const writeZap: Writer = (scene, { offsetS }) => {
  const { random } = scene;
  const sender = scene.drawPerson();
  const note = random.percent(90) ? requiredNote(scene) : undefined;
  const recipient = keyTag(note?.signer ?? scene.drawPerson());
  const target: Body['tags'] = note ? [['e', { idOf: note.position }]] : [];
  const sats = random.weighted(ZAP_AMOUNTS);
  const request = {
    offsetS: offsetS - 1 - random.below(30),
    kind: 9734,
    signer: sender,
    tags: [
      ['relays', scene.relay(), scene.relay(), scene.relay()],
      ['amount', String(sats * 1000)],
      ['lnurl', `lnurl1${bech32(scene, 80)}`],
      recipient,
      ...target,
    ],
    content: random.percent(20) ? random.pick(['Zap!', '⚡', 'great note', 'merci 💜']) : '',
  };
  return {
    tags: [
      recipient,
      ['P', { keyOf: sender }],
      ...target,
      ['bolt11', `lnbc${sats * 10}n1p${bech32(scene, 260)}`],
      ['description', { signed: request }],
      ['preimage', random.bytes(32).toString('hex')],
    ],
    content: '',
  };
};

function noteTags(scene: Scene, note: Note): Body['tags'] {
  const relay = scene.relay();
  const author: DraftText = { keyOf: note.signer };
  const kind = scene.random.percent(50) ? [['k', '1']] : [];
  return [['e', { idOf: note.position }, relay, author], ['p', author, relay], ...kind];
}

function articleTags(scene: Scene, article: Addressed): Body['tags'] {
  const relay = scene.relay();
  const author: DraftText = { keyOf: article.signer };
  return [
    ['e', { idOf: article.position }, relay, author],
    ['a', { address: article }, relay, author],
    ['p', author, relay],
    ['k', String(article.kind)],
  ];
}

/** The schedule begins with a note, so there is one for whatever comes after. */
function requiredNote(scene: Scene): Note {
  const note = scene.chooseNote();
  if (note === undefined) throw new RangeError('an interaction before the first note');
  return note;
}

function bech32(scene: Scene, length: number): string {
  return Array.from({ length }, () => BECH32.charAt(scene.random.below(32))).join('');
}
