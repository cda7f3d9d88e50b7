import { cpus, release, type } from 'node:os';
import { RELAY_NODE_FLAGS } from '../../relays/catalog.js';
import { WORKER_FLAGS } from '../load/load-worker.js';
import { packageInformation } from '../package.js';
import type { Results } from '../results.js';

/** What a run ran on. */
export function environment(): Results['environment'] {
  const processors = cpus();
  return {
    reqbench: packageInformation().version,
    node: process.version,
    os: `${type()} ${release()} ${process.arch}`,
    cpu: processors[0]?.model ?? 'unknown',
    cores: Math.max(1, processors.length),
    flags: [...new Set([...process.execArgv, ...WORKER_FLAGS, ...RELAY_NODE_FLAGS])],
  };
}
