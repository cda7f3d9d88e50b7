import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';

const MAX_BYTES = 64 * 1024;
const WITHIN_MS = 2_000;

/**
 * The NIP-11 document that a relay serves on the address of its WebSocket, as it gave it: hostile. Undefined when
 * there is none, it isn't a JSON object, is over 64 kB or takes longer than 2 s.
 */
export async function fetchNip11(webSocketUrl: string): Promise<unknown> {
  try {
    const document: unknown = JSON.parse(await fetchText(new URL(webSocketUrl)));
    return typeof document === 'object' && document !== null && !Array.isArray(document)
      ? document
      : undefined;
  } catch {
    return undefined;
  }
}

function fetchText(webSocketUrl: URL): Promise<string> {
  const secure = webSocketUrl.protocol === 'wss:';
  const url = new URL(webSocketUrl);
  url.protocol = secure ? 'https:' : 'http:';
  const get = secure ? getHttps : getHttp;
  return new Promise((resolve, reject) => {
    const request = get(url, {
      headers: { accept: 'application/nostr+json' },
      signal: AbortSignal.timeout(WITHIN_MS),
      agent: false,
    });
    request.once('error', reject);
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_BYTES) response.destroy(new Error('too large'));
        else chunks.push(chunk);
      });
      response.once('error', reject);
      response.once('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString('utf8'));
        else reject(new Error(`HTTP ${response.statusCode}`));
      });
    });
  });
}
