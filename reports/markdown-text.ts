/** Text and tables as GitHub-flavoured Markdown. */
import { printable } from './printable.js';

/**
 * Text that Markdown and HTML take literally, on one line and in a table cell too: everything that could begin
 * markup is written as a character reference.
 */
export function inert(text: string, maxLength: number): string {
  return printable(text, maxLength)
    .replace(/[&<>`*_~[\]\\|#!@$^{}]/g, reference)
    .replace(/:(?=\/\/)|(?<=www)\./gi, reference);
}

function reference(character: string): string {
  return `&#${character.codePointAt(0)};`;
}

/** The lines of a table; the first column is aligned to the left, the others as `align` says. */
export function tableOf(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  align: ':--' | '--:',
): readonly string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, index) => (index === 0 ? ':--' : align));
  return [line(head), line(rule), ...rows.map(line)];
}
