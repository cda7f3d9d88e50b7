/**
 * An event before keys, ids and signatures: other events are named by corpus position and people by signer
 * number, so drafts are the same for every epoch.
 */
export interface Draft {
  readonly offsetS: number;
  readonly kind: number;
  readonly signer: number;
  readonly tags: readonly (readonly DraftText[])[];
  readonly content: DraftText;
}

/** A text, or what it will be once the events before it are signed. */
export type DraftText =
  | string
  /** Id of the event at this position. */
  | { readonly idOf: number }
  /** Public key of this signer. */
  | { readonly keyOf: number }
  /** `kind:pubkey:d`, the address of NIP-01. */
  | { readonly address: { readonly kind: number; readonly signer: number; readonly d: string } }
  /** The event at this position as JSON. */
  | { readonly jsonOf: number }
  /** An event that is signed but not part of the corpus, as JSON. */
  | { readonly signed: Draft };

/** What a slot is filled with. */
export type Body = Pick<Draft, 'tags' | 'content'>;
