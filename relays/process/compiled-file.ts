import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Path of a compiled file of `relays/`: our own code runs compiled, also when a test has loaded this file as TypeScript. */
export function compiledFile(...path: readonly string[]): string {
  const root = dirname(createRequire(import.meta.url).resolve('reqbench/package.json'));
  return join(root, 'dist', 'relays', ...path);
}
