import { finalizeEvent, generateSecretKey, type NostrEvent } from 'nostr-tools/pure';
import { WebSocket } from 'ws';

const WITHIN_MS = 20_000;

/** A client that does nothing wrong: publishes, finds it, gets a live event. @throws when it is not served. */
export async function serveWell(url: string): Promise<void> {
  const webSocket = new WebSocket(url, { perMessageDeflate: false });
  try {
    await Promise.race([
      converse(webSocket),
      new Promise<never>((_, reject) => {
        const timer = setTimeout(() => reject(new Error('no answer in time')), WITHIN_MS);
        webSocket.once('close', () => {
          clearTimeout(timer);
          reject(new Error('the connection ended'));
        });
      }),
    ]);
  } finally {
    webSocket.terminate();
  }
}

function converse(webSocket: WebSocket): Promise<void> {
  const key = generateSecretKey();
  const note = (createdAt: number): NostrEvent =>
    finalizeEvent({ kind: 1, content: 'well', tags: [], created_at: createdAt }, key);
  const [stored, live] = [note(1_700_000_000), note(1_700_000_001)];
  return new Promise((resolve, reject) => {
    const say = (...message: unknown[]): void => webSocket.send(JSON.stringify(message));
    const expected = [
      ['OK', stored.id, true, ''],
      ['EVENT', 'well', stored],
      ['EOSE', 'well'],
    ];
    const awaited = new Set([...expected, ['EVENT', 'well', live]].map((message) => JSON.stringify(message)));
    webSocket.once('error', reject);
    webSocket.once('open', () => say('EVENT', stored));
    webSocket.on('message', (data) => {
      const text = String(data);
      awaited.delete(text);
      if (text.startsWith('["OK"') && awaited.size === 3) say('REQ', 'well', { authors: [stored.pubkey] });
      if (text.startsWith('["EOSE"')) say('EVENT', live);
      if (awaited.size === 0) resolve();
    });
  });
}
