import { finalizeEvent } from 'nostr-tools/pure';
import type { ReferenceRelay } from '../../relays/index.js';
import type { Message, TestClient } from './client.js';

/** Authenticates with `key`; a relay that hasn't sent its challenge is asked for what needs it. */
export async function authenticate(
  client: TestClient,
  relay: Pick<ReferenceRelay, 'url'>,
  key: Uint8Array,
): Promise<Message> {
  await client.until(() => client.socket.readyState === client.socket.OPEN);
  if (!client.messages.some(([label]) => label === 'AUTH')) {
    client.send('REQ', 'for a challenge', { kinds: [4] });
    await client.message('CLOSED', 'for a challenge');
  }
  const [, challenge] = await client.message('AUTH');
  const tags = [
    ['relay', relay.url],
    ['challenge', String(challenge)],
  ];
  const created_at = Math.floor(Date.now() / 1000);
  const event = finalizeEvent({ kind: 22_242, created_at, content: '', tags }, key);
  client.send('AUTH', event);
  return client.message('OK', event.id);
}
