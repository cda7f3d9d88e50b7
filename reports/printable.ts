/**
 * Characters that steer a terminal or a text layout instead of showing something: controls (C0, C1), bidirectional
 * overrides and marks, zero-width and other invisible format characters, line separators, tags, lone surrogates.
 * The zero-width joiner stays: emoji are made of it.
 */
const STEERING = /(?!\u200d)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\ufffe\uffff\u115f\u1160\u3164\uffa0\u2800]/u;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (SHORT_ESCAPES[character]) return SHORT_ESCAPES[character];
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
}

/**
 * Text from a relay or a user, fit to be shown on one line: what would steer a terminal or reverse a line is
 * shown as an escape (`\x1b`, `\u202e`, `\n`), and at most `maxLength` UTF-16 units are given back, the last an
 * ellipsis when something was cut. It doesn't escape for HTML, XML or Markdown.
 */
export function printable(text: string, maxLength = 200): string {
  let shown = '';
  for (const character of text) {
    const piece = STEERING.test(character) ? escapeOf(character) : character;
    if (shown.length + piece.length > maxLength) return `${fitted(shown, maxLength - 1)}…`;
    shown += piece;
  }
  return shown;
}

/** Cuts to `length` units without leaving half of a character. */
function fitted(text: string, length: number): string {
  const cut = text.slice(0, Math.max(0, length));
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
}
