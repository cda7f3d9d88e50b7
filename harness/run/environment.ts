import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus, release, type } from 'node:os';
import { join } from 'node:path';
import { RELAY_NODE_FLAGS } from '../../relays/catalog.js';
import { WORKER_FLAGS } from '../load/load-worker.js';
import { PACKAGE_ROOT, packageInformation } from '../package.js';
import type { Results } from '../results.js';

/** What git says of the repository that reqbench runs from; nothing of an installed package, whatever repository that is in. */
function ownCommit(): { readonly commit?: string } {
  if (!existsSync(join(PACKAGE_ROOT, '.git'))) return {};
  const words = ['-C', PACKAGE_ROOT, 'describe', '--always', '--dirty', '--abbrev=12', '--exclude=*'];
  const { status, stdout } = spawnSync('git', words, { encoding: 'utf8' });
  return status === 0 ? { commit: stdout.trim() } : {};
}

const COMMIT = ownCommit();

/** What a run ran on. */
export function environment(): Results['environment'] {
  const processors = cpus();
  return {
    reqbench: packageInformation().version,
    ...COMMIT,
    node: process.version,
    os: `${type()} ${release()} ${process.arch}`,
    cpu: processors[0]?.model ?? 'unknown',
    cores: Math.max(1, processors.length),
    flags: [...new Set([...process.execArgv, ...WORKER_FLAGS, ...RELAY_NODE_FLAGS])],
  };
}
