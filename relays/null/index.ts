import { startNodeRelay } from '../process/node-relay.js';
import type { Relay } from '../relay.js';
import type { NullRelayConfig } from './null-relay.js';

/** The floor: what harness, sockets and machine take, with a relay that does next to nothing. */
export const nullRelay: Relay = {
  name: 'null',
  kind: 'builtin',
  writable: true,
  floor: true,
  start: (options) => {
    const configuration: NullRelayConfig = { host: '127.0.0.1', port: 0, cannedFile: options.cannedFile };
    return startNodeRelay(
      { name: 'null', kind: 'builtin', entry: 'null/main.js', configuration, nip11: false },
      options,
    );
  },
};
