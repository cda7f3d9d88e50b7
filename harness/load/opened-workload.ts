import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { NostrEvent } from 'nostr-tools/pure';
import type { FrameReader } from '../client/frame.js';
import { createFrameReader } from '../client/frame.js';
import { createKnownEvents } from '../client/known-events.js';
import type { AuthTemplate } from '../client/session-context.js';
import { createJudge, type Judge } from '../conformance/index.js';
import { publicKeyOf } from '../corpus/keys.js';
import { eventId, isSignatureValid, signEvent } from '../corpus/signature.js';
import type { Workload } from '../scenario/workload.js';
import type { LoadableCorpus } from './load-corpus.js';
import type { RoundOrder } from './protocol.js';

const AUTH_KIND = 22242;

/** A workload with everything that is made from it once, for all rounds. */
export interface OpenedWorkload {
  readonly workload: Workload;
  readonly corpus: LoadableCorpus;
  /** Number of the first publish among the known events. */
  readonly publishBase: number;
  readonly createReader: () => FrameReader;
  readonly createJudge: (order: RoundOrder) => Judge;
  readonly signAuth: (template: AuthTemplate) => NostrEvent;
}

export async function openWorkload(file: string): Promise<OpenedWorkload> {
  const workload: Workload = JSON.parse(await readFile(file, 'utf8'));
  const lines = (await readFile(workload.corpusFile, 'utf8')).split('\n').filter((line) => line !== '');
  const known = createKnownEvents(lines);
  for (const { event, json } of workload.publishes) known.register(event, json);
  return {
    workload,
    corpus: { lines, ids: lines.map((_, position) => known.idOf(position)) },
    publishBase: lines.length,
    createReader: () => createFrameReader(known),
    createJudge: (order) =>
      createJudge({
        known,
        loaded: lines.length,
        access: order.access,
        admins: order.admins && new Set(order.admins),
        claims: new Set(order.supportedNips),
        refusedAtLoad: new Set(order.holdingsKnown ? order.notLoaded : lines.keys()),
        holdingsKnown: order.holdingsKnown,
        shared: order.shared,
        deadlineMs: order.deadlineMs,
        verify: (event) => eventId(event) === event.id && isSignatureValid(event),
        strict: order.strict,
      }),
    signAuth,
  };
}

/** NIP-42: the answer to a challenge. */
function signAuth({ challenge, relayUrl, secretKey, createdAtS }: AuthTemplate): NostrEvent {
  return signEvent(
    {
      kind: AUTH_KIND,
      created_at: createdAtS,
      tags: [
        ['relay', relayUrl],
        ['challenge', challenge],
      ],
      content: '',
    },
    { secretKey, publicKey: publicKeyOf(secretKey) },
    randomBytes(32),
  );
}
