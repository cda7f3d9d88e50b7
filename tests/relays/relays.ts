import { afterEach } from 'vitest';
import {
  batched,
  type ReferenceRelay,
  type RelaySettingsInput,
  relaySettings,
  type Strategy,
  startReferenceRelay,
  streaming,
} from '../../relays/index.js';
import { TestClient } from './client.js';

export const strategies: readonly Strategy[] = [streaming, batched];

/** Relays and clients of one test file, all ended after each test. */
export function relaysUnderTest() {
  const relays: ReferenceRelay[] = [];
  const clients: TestClient[] = [];
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await Promise.all(relays.splice(0).map((relay) => relay.close()));
  });
  return {
    async start(
      strategy: Strategy,
      settings: RelaySettingsInput = {},
      preloadFile?: string,
      dataDir?: string,
    ): Promise<ReferenceRelay> {
      const relay = await startReferenceRelay({
        name: strategy.name,
        strategy,
        host: '127.0.0.1',
        port: 0,
        settings: relaySettings(settings),
        preloadFile,
        dataDir,
      });
      relays.push(relay);
      return relay;
    },
    /** Has a relay closed after the test that was started otherwise. */
    keep(relay: ReferenceRelay): ReferenceRelay {
      relays.push(relay);
      return relay;
    },
    async connect(
      relay: ReferenceRelay,
      options?: { headers?: Record<string, string> },
    ): Promise<TestClient> {
      const client = await TestClient.connect(relay.url, options);
      clients.push(client);
      return client;
    },
  };
}
