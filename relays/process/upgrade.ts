import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 50;
const ATTEMPT_MS = 2_000;
const CLOSE_MS = 200;

/** Nothing that comes is looked at; more than this is not even taken in. */
const MAX_PAYLOAD_BYTES = 64 * 1024;

/**
 * Tries until a WebSocket upgrade on `url` succeeds or `signal` is aborted. Resolves with undefined on success,
 * else with what the last attempt met, in words.
 */
export async function awaitUpgrade(url: string, signal: AbortSignal): Promise<string | undefined> {
  let pauseMs = FIRST_PAUSE_MS;
  let met = 'nothing answered';
  while (!signal.aborted) {
    const failure = await attemptUpgrade(url, signal);
    if (failure === undefined) return undefined;
    if (!signal.aborted) met = failure;
    await sleep(pauseMs, undefined, { signal }).catch(() => {});
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
  return met;
}

function attemptUpgrade(url: string, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, {
      perMessageDeflate: false,
      handshakeTimeout: ATTEMPT_MS,
      maxPayload: MAX_PAYLOAD_BYTES,
    });
    const abort = () => socket.terminate();
    let failure: string | undefined = 'it closed the connection';
    socket.once('open', () => {
      failure = undefined;
      socket.close();
      setTimeout(() => socket.terminate(), CLOSE_MS).unref();
    });
    socket.on('error', (error) => {
      failure &&= inWords(error);
    });
    socket.once('close', () => {
      signal.removeEventListener('abort', abort);
      resolve(failure);
    });
    signal.addEventListener('abort', abort, { once: true });
  });
}

function inWords(error: Error & { readonly code?: string }): string {
  const status = /^Unexpected server response: (\d+)$/.exec(error.message)?.[1];
  if (status) return `it answered HTTP ${status} instead of 101`;
  if (error.code === 'ECONNREFUSED') return 'connection refused';
  return error.message;
}
