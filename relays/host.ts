/** Entry of a reference relay's process; its argument is the path of a JSON file of {@link HostConfig}. */
import { readFileSync } from 'node:fs';
import { runUnderParent } from './process/child.js';
import type { HostConfig } from './process/host-config.js';
import { loadStrategy } from './process/load-strategy.js';
import { startReferenceRelay } from './server/reference-relay.js';

runUnderParent(async () => {
  const { strategy, ...config }: HostConfig = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
  return startReferenceRelay({ ...config, strategy: await loadStrategy(strategy) });
});
