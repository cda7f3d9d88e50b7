import type { Random } from './random.js';
import { EMOJI, LANGUAGES, type Language } from './vocabulary.js';

/**
 * A text of about `length` UTF-16 units in one language, with what people really type: line breaks, quotes,
 * backslashes, tabs, emoji made of several code points, links. Of the control characters only those for which NIP-01
 * defines an escape occur, because implementations disagree about the others.
 */
export function writeText(random: Random, length: number): string {
  const language = random.weighted(LANGUAGES);
  let text = '';
  while (text.length < length) {
    text += text === '' ? '' : gap(random, language);
    text += sentence(random, language, length - text.length);
  }
  return text;
}

/** Paragraphs with a heading before each, as in a long-form article (NIP-23). */
export function writeArticle(random: Random, length: number): string {
  const parts: string[] = [];
  let written = 0;
  while (written < length) {
    const heading = `## ${title(random)}`;
    const paragraph = writeText(random, Math.min(length - written, 200 + random.below(800)));
    parts.push(heading, paragraph);
    written += heading.length + paragraph.length;
  }
  return parts.join('\n\n');
}

/** A few words without punctuation. */
export function title(random: Random): string {
  const language = random.weighted(LANGUAGES);
  const count = 2 + random.below(6);
  return Array.from({ length: count }, () => random.pick(language.words)).join(language.space);
}

function sentence(random: Random, language: Language, room: number): string {
  if (random.percent(4)) return link(random);
  const count = 4 + random.below(11);
  let text = capitalised(word(random, language));
  for (let written = 1; written < count && text.length < room; written++) {
    text += language.space + word(random, language);
  }
  text += random.percent(70) ? language.stop : random.pick(['!', '?', '…', ' —', ':', '']);
  return random.percent(15) ? `${text} ${random.pick(EMOJI)}` : text;
}

function word(random: Random, language: Language): string {
  const chosen = random.pick(language.words);
  switch (random.below(200)) {
    case 0:
      return `"${chosen}"`;
    case 1:
      return `C:\\${chosen}`;
    case 2:
      return `${chosen}\t=`;
    case 3:
      return `<${chosen}>&amp;`;
    default:
      return chosen;
  }
}

function gap(random: Random, language: Language): string {
  const drawn = random.below(100);
  if (drawn < 8) return '\n\n';
  if (drawn < 20) return '\n';
  if (drawn < 21) return '\r\n';
  return language.space;
}

function link(random: Random): string {
  return `https://media.example/${random.bytes(16).toString('hex')}.${random.pick(['jpg', 'png', 'mp4'])}`;
}

/** ASCII only: what other letters capitalise to depends on the Unicode version of the engine. */
function capitalised(text: string): string {
  const code = text.charCodeAt(0);
  return code >= 97 && code <= 122 ? String.fromCharCode(code - 32) + text.slice(1) : text;
}
