import { setImmediate as nextTurn } from 'node:timers/promises';
import type { NostrEvent } from 'nostr-tools/pure';
import type { Draft, DraftText } from './draft.js';
import { deriveSecretKey, type KeySource, publicKeyOf, signatureRandomness } from './keys.js';
import { type SigningKey, signEvent } from './signature.js';

/** Told about work that takes seconds: how many of how many events are done. */
export type Progress = (done: number, total: number) => void;

/** Signing is 0.2 ms an event; after so many, timers and signals get their turn. */
const EVENTS_PER_TURN = 50;

/** Drafts signed for an epoch. A draft may refer to those before it. */
export async function signDrafts(
  drafts: readonly Draft[],
  { keys, epochS }: { readonly keys: KeySource; readonly epochS: number },
  onProgress?: Progress,
): Promise<readonly NostrEvent[]> {
  const signer = new DraftSigner(keys, epochS);
  for (const [position, draft] of drafts.entries()) {
    signer.publish(draft);
    if ((position + 1) % EVENTS_PER_TURN === 0) {
      onProgress?.(position + 1, drafts.length);
      await nextTurn();
    }
  }
  onProgress?.(drafts.length, drafts.length);
  return signer.events;
}

class DraftSigner {
  readonly #source: KeySource;
  readonly #epochS: number;
  readonly #randomness: Uint8Array;
  readonly #keys = new Map<number, SigningKey>();
  readonly #events: NostrEvent[] = [];
  readonly #ids = new Set<string>();

  constructor(source: KeySource, epochS: number) {
    this.#source = source;
    this.#epochS = epochS;
    this.#randomness = signatureRandomness(source.seed);
  }

  get events(): readonly NostrEvent[] {
    return this.#events;
  }

  publish(draft: Draft): void {
    const event = this.#unique(draft);
    this.#ids.add(event.id);
    this.#events.push(event);
  }

  /** Two drafts that say the same in the same second would be one event: the second gets a tag more. */
  #unique(draft: Draft): NostrEvent {
    const event = this.#sign(draft);
    if (!this.#ids.has(event.id)) return event;
    return this.#sign({ ...draft, tags: [...draft.tags, ['nonce', String(this.#events.length)]] });
  }

  #sign(draft: Draft): NostrEvent {
    const template = {
      created_at: this.#epochS + draft.offsetS,
      kind: draft.kind,
      tags: draft.tags.map((tag) => tag.map((text) => this.#resolve(text))),
      content: this.#resolve(draft.content),
    };
    return signEvent(template, this.#key(draft.signer), this.#randomness);
  }

  #resolve(text: DraftText): string {
    if (typeof text === 'string') return text;
    if ('idOf' in text) return this.#event(text.idOf).id;
    if ('keyOf' in text) return this.#key(text.keyOf).publicKey;
    if ('jsonOf' in text) return eventLine(this.#event(text.jsonOf));
    if ('signed' in text) return eventLine(this.#sign(text.signed));
    const { kind, signer, d } = text.address;
    return `${kind}:${this.#key(signer).publicKey}:${d}`;
  }

  #event(position: number): NostrEvent {
    const event = this.#events[position];
    if (event === undefined) throw new RangeError(`event ${position} is not signed yet`);
    return event;
  }

  #key(signer: number): SigningKey {
    const known = this.#keys.get(signer);
    if (known) return known;
    const secretKey = deriveSecretKey(this.#source, signer);
    const key = { secretKey, publicKey: publicKeyOf(secretKey) };
    this.#keys.set(signer, key);
    return key;
  }
}

/** An event as one line of JSON, with the keys in the order of NIP-01. */
export function eventLine({ id, pubkey, created_at, kind, tags, content, sig }: NostrEvent): string {
  return JSON.stringify({ id, pubkey, created_at, kind, tags, content, sig });
}
