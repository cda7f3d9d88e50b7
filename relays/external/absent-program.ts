import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { findProgram } from './find-program.js';
import type { CommandTarget } from './relay-entry.js';

/** What a target says of the program that it runs. */
export type RunsProgram = Pick<CommandTarget, 'command' | 'cwd' | 'env' | 'needs'>;

/** Which program of a relay isn't there, as far as that can be told without starting it; else undefined. */
export function absentProgram(target: RunsProgram): string | undefined {
  return absentNeed(target) ?? absentWord(target);
}

/** The same of the program that its entry says it needs. */
export function absentNeed({ needs, cwd }: RunsProgram): string | undefined {
  if (needs === undefined) return undefined;
  if (findProgram(needs.program, cwd) !== undefined) return undefined;
  const place = needs.program.includes('/')
    ? `there is no ${needs.program}`
    : `${needs.program} is not on PATH`;
  return needs.hint === undefined ? place : `${place}; ${needs.hint}`;
}

/** What shells say of a name that is nothing. */
const NOT_FOUND = 127;

/** The first word of a command, where it means the same to a shell as to us. */
const FIRST_WORD = /^\s*(?:'([^']+)'|([\w@%+:,./-]+))(?=\s|$)/;

/** A name is asked of the shell, which knows its own words and the PATH of the entry. */
function absentWord({ command, cwd, env }: RunsProgram): string | undefined {
  const [, quoted, plain] = FIRST_WORD.exec(command) ?? [];
  const word = quoted ?? plain;
  if (word === undefined) return undefined;
  if (word.includes('/')) return absentFile(word, cwd);
  // A PATH may name the folders of a start, which there are none of yet.
  if (env.PATH?.includes('{')) return undefined;
  const { status } = spawnSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', word], {
    cwd,
    env: { ...process.env, ...env },
    stdio: 'ignore',
  });
  return status === 1 || status === NOT_FOUND
    ? `there is no program ${word} on PATH; check its command`
    : undefined;
}

function absentFile(path: string, cwd: string): string | undefined {
  const file = resolve(cwd, path);
  if (!existsSync(file)) return `there is no program ${file}; check the path in its command`;
  try {
    accessSync(file, constants.X_OK);
  } catch {
    return `${file} may not be executed; check its permissions (chmod +x)`;
  }
  return statSync(file).isDirectory() ? `${file} is a folder; name the program in it` : undefined;
}
