import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

const PACKAGE_FILE = createRequire(import.meta.url).resolve('reqbench/package.json');

/** Folder of the installed package: where its compiled code, scenarios and documents are. */
export const PACKAGE_ROOT = dirname(PACKAGE_FILE);

/** What the package says of itself. */
export function packageInformation(): { readonly version: string; readonly description: string } {
  return JSON.parse(readFileSync(PACKAGE_FILE, 'utf8')) as { version: string; description: string };
}
