import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe } from 'vitest';
import { PACKAGE_ROOT } from '../../harness/package.js';
import { findRelaysFile } from '../../harness/relays-file/read.js';
import { findProgram, type RelayEntry } from '../../relays/catalog.js';

/** What CI builds where there is Go; there a missing program is a failure, not a test that is left out. */
const BUILT_BY_CI = ['khatru', 'khatru-lmdb', 'khatru-next'];

const entries = findRelaysFile(undefined, [PACKAGE_ROOT])?.entries ?? [];

/** The entry of this repository's reqbench.config.yaml. */
export function peerEntry(name: string): RelayEntry {
  const entry = entries.find((one) => one.name === name);
  if (!entry) throw new Error(`reqbench.config.yaml has no relay ${name}`);
  return entry;
}

/** Tests of one relay of the file; where its program is not here they are named as not run, with the reason. */
export function describePeer(name: string, body: () => void): void {
  const reason = absence(peerEntry(name));
  const isRequired = process.env.CI === 'true' && BUILT_BY_CI.includes(name) && isOnPath('go');
  const isLeftOut = reason !== undefined && !isRequired;
  describe.skipIf(isLeftOut)(isLeftOut ? `not run: ${name}: ${reason}` : name, body);
}

/** Why the relay can't be started here; undefined when it can. */
function absence({ target }: RelayEntry): string | undefined {
  if (!('command' in target) || !target.needs) return undefined;
  const { program, hint } = target.needs;
  if (findProgram(program, target.cwd) !== undefined) return undefined;
  return `there is no ${program}${hint === undefined ? '' : `; ${hint}`}`;
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}
