import { join } from 'node:path';
import type { Relay } from '../relay.js';
import type { HostConfig } from './host-config.js';
import { startNodeRelay } from './node-relay.js';

/** A relay of the shared substrate with the given strategy: `streaming`, `batched` or the path of a module. */
export function referenceRelay(name: string, kind: 'builtin' | 'module', strategy: string): Relay {
  return {
    name,
    kind,
    writable: true,
    floor: false,
    start: (options) => {
      const { settings, preloadFile } = options;
      const configuration: HostConfig = {
        name,
        strategy,
        host: '127.0.0.1',
        port: 0,
        settings,
        preloadFile,
        dataDir: join(options.dir, 'store'),
      };
      const command = kind === 'module' ? strategy : undefined;
      return startNodeRelay({ name, kind, entry: 'host.js', configuration, command, nip11: true }, options);
    },
  };
}
