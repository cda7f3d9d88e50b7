/** Entry of the null relay's process; its argument is the path of a JSON file of {@link NullRelayConfig}. */
import { readFileSync } from 'node:fs';
import { runUnderParent } from '../process/child.js';
import { type NullRelayConfig, startNullRelay } from './null-relay.js';

runUnderParent(async () => {
  const config: NullRelayConfig = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
  return startNullRelay(config);
});
