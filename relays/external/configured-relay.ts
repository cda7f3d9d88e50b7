import { type Relay, RelayNotReadyError } from '../relay.js';
import { attachedRelay } from './attached-relay.js';
import { configuredCommand } from './command-relay.js';
import { identityProblem } from './identity.js';
import type { RelayEntry } from './relay-entry.js';

/**
 * The relay that an entry of a configuration file describes.
 * @param writable whether the run may write to one that it does not start itself
 */
export function configuredRelay(entry: RelayEntry, writable = false): Relay {
  const { target } = entry;
  if (!('url' in target)) return configuredCommand(entry, target);
  const attached = attachedRelay(new URL(target.url), writable);
  return {
    ...attached,
    name: entry.name,
    declared: entry.declared,
    start: async (options) => {
      const running = await attached.start(options);
      const stranger = identityProblem(running.target.nip11, entry.expects);
      if (stranger !== undefined) {
        throw new RelayNotReadyError(entry.name, `${stranger}; is another relay on ${target.url}?`, []);
      }
      return { ...running, authUrl: entry.declared.authUrl };
    },
  };
}
