import { createRequire } from 'node:module';
import { dirname } from 'node:path';

/** Folder of the installed package: processes are started from its compiled code, also by tests that load TypeScript. */
export const PACKAGE_ROOT = dirname(createRequire(import.meta.url).resolve('reqbench/package.json'));
