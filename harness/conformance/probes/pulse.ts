import { WebSocket } from 'ws';
import { NS_PER_MS } from '../../clock.js';
import { parsed } from './wire-message.js';

/** A relay that leaves the simplest question unanswered for so long is silent, however busy its machine. */
const SILENT_AFTER_MS = 10_000;
const QUESTION = JSON.stringify(['REQ', 'pulse', { ids: ['0'.repeat(64)] }]);
/** A refusal is an answer; an AUTH is none, since it may come unasked. */
const ANSWERS: ReadonlySet<unknown> = new Set(['EOSE', 'CLOSED', 'NOTICE']);

/** How fast a relay answers just now. */
export interface Pulse {
  /**
   * Milliseconds that a REQ which nothing matches takes at this moment, on a new connection; undefined: it was not
   * answered. Who asks while another asks gets the same answer.
   *
   * @param patienceMs what a relay is given that was silent the last time
   */
  take(patienceMs: number): Promise<number | undefined>;
}

/** @param clock nanoseconds */
export function createPulse(url: string, clock: () => number): Pulse {
  let beat: Promise<number | undefined> | undefined;
  let wasSilent = false;
  return {
    take(patienceMs) {
      beat ??= roundTrip(url, clock, wasSilent ? patienceMs : SILENT_AFTER_MS).then((ms) => {
        beat = undefined;
        wasSilent = ms === undefined;
        return ms;
      });
      return beat;
    },
  };
}

function roundTrip(url: string, clock: () => number, withinMs: number): Promise<number | undefined> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  return new Promise((resolve) => {
    let sentNs = clock();
    const end = (ms?: number): void => {
      clearTimeout(timer);
      socket.terminate();
      resolve(ms);
    };
    const timer = setTimeout(end, withinMs);
    socket.on('open', () => {
      sentNs = clock();
      socket.send(QUESTION);
    });
    socket.on('message', (data: Buffer) => {
      if (ANSWERS.has(parsed(data)[0])) end((clock() - sentNs) / NS_PER_MS);
    });
    socket.on('error', () => end());
    socket.on('close', () => end());
  });
}
