import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../harness/package.js';

/**
 * Writes Markdown into docs/method.md, in the place of the block that is marked there, and says so.
 * @param name of the block, and of the command that writes it
 */
export function writeMethodBlock(
  { name, command }: Record<'name' | 'command', string>,
  markdown: string,
): void {
  const document = join(PACKAGE_ROOT, 'docs', 'method.md');
  const begin = `<!-- ${name}: written by npm run ${command} -->`;
  const end = `<!-- /${name} -->`;
  const text = readFileSync(document, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${document} has no block between ${begin} and ${end}`);
  writeFileSync(document, `${text.slice(0, from)}${begin}\n\n${markdown}\n\n${text.slice(to)}`);
  process.stdout.write(`${document} written\n`);
}
