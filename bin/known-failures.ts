/** `--known-failures` and `--update-known-failures`, of conform and run alike. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import {
  compareFailures,
  type FailureChange,
  type KnownFailures,
  parseKnownFailures,
  updatedFailures,
} from '../harness/conformance/conform-known-failures.js';
import { CHECK_IDS } from '../harness/conformance/conform-selection.js';
import { InputError } from '../harness/errors.js';
import type { RelayResult } from '../harness/results.js';
import { countsAsFailed } from '../reports/index.js';
import { printable } from '../reports/printable.js';
import { problem } from './option-values.js';
import { requireWritableFile } from './writable.js';

export interface KnownFailuresFlags {
  readonly knownFailures?: string;
  readonly updateKnownFailures: boolean;
}

/** Writes the file anew where that was asked for, or says on stderr how the failures stand to what was known. */
export function tellKnownFailures(
  relays: readonly RelayResult[],
  before: KnownFailures | undefined,
  { knownFailures: file, updateKnownFailures }: KnownFailuresFlags,
  interrupted: boolean,
): readonly FailureChange[] {
  const changes = before ? compareFailures(before, relays, failing, exists) : [];
  if (file !== undefined && updateKnownFailures && !interrupted) {
    const after = updatedFailures(before, relays, failing, exists);
    writeFileSync(file, `${JSON.stringify(after, null, 2)}\n`);
    process.stderr.write(`${file} holds what fails now\n`);
  } else if (before) {
    process.stderr.write(changesText(changes));
  }
  return changes;
}

/** Ids of the checks of a relay that count as failed. */
export function failing({ conformance }: RelayResult): readonly string[] {
  if (!conformance) return [];
  return conformance.checks.filter((check) => countsAsFailed(check, conformance)).map(({ id }) => id);
}

function exists(id: string): boolean {
  return CHECK_IDS.includes(id) || id.startsWith('scenario/');
}

const CHANGES: Readonly<Record<FailureChange['change'], string>> = {
  new: 'new failure',
  known: 'known failure',
  fixed: 'fixed, take it out of the file',
  stale: 'in the file, but no such check was tested',
};

function changesText(changes: readonly FailureChange[]): string {
  return changes
    .map(({ relay, id, change }) => `${printable(relay, 60)} ${printable(id, 100)}: ${CHANGES[change]}\n`)
    .join('');
}

/**
 * What was known before; undefined without a file, or where one is to be written anew.
 * @throws {InputError} for a file that isn't there or isn't one
 */
export function knownBefore({
  knownFailures: file,
  updateKnownFailures,
}: KnownFailuresFlags): KnownFailures | undefined {
  if (file === undefined) {
    if (!updateKnownFailures) return undefined;
    throw new InputError([
      { message: '--update-known-failures needs a file', hint: 'name it: --known-failures FILE' },
    ]);
  }
  if (updateKnownFailures) requireWritableFile('--known-failures', file);
  if (existsSync(file)) return parseKnownFailures(readText(file), file);
  if (updateKnownFailures) return undefined;
  throw new InputError([{ message: `no such file: ${file}`, hint: 'write it with --update-known-failures' }]);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw problem(
      `--known-failures ${file} can't be read: ${reason}`,
      'name a file that --update-known-failures wrote',
    );
  }
}
