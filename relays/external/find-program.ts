import { accessSync, constants } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** Path of a program: a name without a slash is looked for on PATH, a path is relative to `cwd`. */
export function findProgram(program: string, cwd: string, path = process.env.PATH ?? ''): string | undefined {
  const places = program.includes('/')
    ? [resolve(cwd, program)]
    : path
        .split(delimiter)
        .filter((folder) => folder !== '')
        .map((folder) => join(folder, program));
  return places.find(isThere);
}

/** A program, or a script that an interpreter is given. */
function isThere(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
