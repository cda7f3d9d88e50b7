// In a clone, `npx reqbench` should be this checkout. npx looks into node_modules/.bin first; without this link it
// would go through a cache of its own, which a build that failed once leaves broken.
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const entry = join(root, 'dist', 'bin', 'reqbench.js');
const bin = join(root, 'node_modules', '.bin');

if (existsSync(entry) && process.platform !== 'win32') {
  chmodSync(entry, 0o755);
  mkdirSync(bin, { recursive: true });
  rmSync(join(bin, 'reqbench'), { force: true });
  symlinkSync(join('..', '..', 'dist', 'bin', 'reqbench.js'), join(bin, 'reqbench'));
}
