import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { InputError } from '../errors.js';
import { PACKAGE_ROOT } from '../package.js';
import { parseScenario } from './loader.js';
import { suggestion } from './nearest.js';

/** A scenario that comes with the package. */
export interface LibraryScenario {
  readonly name: string;
  /** Absolute path of its file. */
  readonly file: string;
  readonly description: string;
}

const EXTENSION = '.yaml';

/** Folder of the packaged scenarios. */
export function libraryFolder(): string {
  return join(PACKAGE_ROOT, 'scenarios');
}

/** The packaged scenarios, by name. */
export function libraryScenarios(): readonly LibraryScenario[] {
  return libraryFiles().map((file) => {
    const { name, description = '' } = parseScenario(readFileSync(file, 'utf8'), file);
    return { name, file, description };
  });
}

function libraryFiles(): readonly string[] {
  const folder = libraryFolder();
  return readdirSync(folder)
    .filter((entry) => entry.endsWith(EXTENSION))
    .sort()
    .map((entry) => join(folder, entry));
}

/** How results name a scenario's file: as it can be asked for again from `cwd`, without the folders above it. */
export function shownScenarioFile(file: string, cwd: string): string {
  if (dirname(file) === libraryFolder()) return `scenarios/${basename(file)}`;
  const path = relative(cwd, file);
  return path.startsWith('..') ? basename(file) : path;
}

/**
 * The file that a scenario argument means: an existing file, else a packaged scenario by name (`first-look`) or
 * by the path it has in the package (`scenarios/first-look.yaml`).
 * @throws {InputError} naming the nearest packaged one.
 */
export function resolveScenario(nameOrPath: string, cwd: string): string {
  const own = resolve(cwd, nameOrPath);
  if (existsSync(own)) return own;
  const packaged = libraryFiles();
  const found = packaged.find((file) => {
    const name = basename(file, EXTENSION);
    return [name, `${name}${EXTENSION}`, `scenarios/${name}${EXTENSION}`].includes(
      nameOrPath.replace(/^\.\//, ''),
    );
  });
  if (found !== undefined) return found;
  const names = packaged.map((file) => basename(file, EXTENSION));
  throw new InputError([
    {
      message: `no scenario "${nameOrPath}": there is no such file, and none of that name is built in`,
      hint: suggestion(basename(nameOrPath, EXTENSION), names),
    },
  ]);
}
