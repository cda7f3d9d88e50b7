/** Whether what will be measured can be written, asked before it is measured for minutes. */
import { accessSync, constants, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../relays/make-folder.js';
import { problem } from './option-values.js';

/** Makes a folder that isn't there. @throws {InputError} where it can't be written to */
export function requireWritableFolder(option: string, dir: string): void {
  try {
    makeFolder(dir);
    accessSync(dir, constants.W_OK);
  } catch (error) {
    throw notWritable(option, dir, error, 'name a folder that can be written to');
  }
}

/** Makes the folder of a file where it isn't there; the file stays as it is. @throws {InputError} where it can't be written */
export function requireWritableFile(option: string, file: string): void {
  try {
    makeFolder(dirname(file));
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) throw new Error('it is a folder');
    writeFileSync(`${file}.unfinished`, '');
    rmSync(`${file}.unfinished`);
  } catch (error) {
    throw notWritable(option, file, error, 'name a file in a folder that can be written');
  }
}

function notWritable(option: string, path: string, error: unknown, hint: string): Error {
  const reason = error instanceof Error ? error.message : String(error);
  return problem(`${option} ${path} can't be written: ${reason}`, hint);
}
