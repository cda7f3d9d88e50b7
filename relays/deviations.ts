/**
 * The deviations and traits of the real relays that can be switched on in a reference relay, by the row of
 * `docs/strategies.md` that describes them.
 */

/** V: breaks a MUST or an answer that the NIP defines. S: a SHOULD. P: the relay's own policy. T: a trait, allowed. */
export type DeviationClass = 'V' | 'S' | 'P' | 'T';

export interface Deviation {
  readonly class: DeviationClass;
  /** The reference relays in which it can be switched on. */
  readonly of: readonly ('streaming' | 'batched')[];
  /** What a client can notice, in a sentence. */
  readonly title: string;
}

/** By id; `serve --deviation` and `relay.deviations` of a scenario take these ids. */
export const DEVIATIONS = {
  D1: { class: 'V', of: ['streaming'], title: 'A second REQ with the same id adds instead of replacing.' },
  D2: {
    class: 'V',
    of: ['streaming'],
    title: 'Filters before the rejected one keep running and listening: EVENTs after CLOSED.',
  },
  D5: {
    class: 'V',
    of: ['streaming'],
    title: 'A rejected COUNT answers NOTICE and a count of 0 instead of CLOSED.',
  },
  D6: { class: 'V', of: ['streaming', 'batched'], title: 'Only the last authenticated public key counts.' },
  D7: {
    class: 'S',
    of: ['batched', 'streaming'],
    title: 'The live subscription starts after the answer was sent: what is saved in between is lost.',
  },
  D8: {
    class: 'V',
    of: ['batched'],
    title: 'A reached limit ends the live subscription; limit 0 never goes live.',
  },
  D9: {
    class: 'P',
    of: ['batched'],
    title: 'An unauthenticated client is not checked for privileged kinds, stored and live.',
  },
  D10: { class: 'P', of: ['batched'], title: 'The private tag is not checked on live delivery.' },
  D11: {
    class: 'V',
    of: ['batched'],
    title: 'A cache hit sends events and EOSE, then the REQ runs again: twice everything.',
  },
  D12: { class: 'T', of: ['batched'], title: 'A subscription that is not kept gets no CLOSED.' },
  D13: {
    class: 'V',
    of: ['batched', 'streaming'],
    title: 'A malformed REQ or COUNT gets a NOTICE without its id.',
  },
  D15: {
    class: 'T',
    of: ['batched'],
    title: 'Closing a connection removes no subscription; it stays until a delivery fails.',
  },
  D16: { class: 'T', of: ['batched'], title: 'The challenge comes again with every REQ.' },
  D17: {
    class: 'P',
    of: ['streaming'],
    title: 'limit 0 skips the reject hooks but is registered: a refused client gets the live stream.',
  },
  D18: {
    class: 'P',
    of: ['streaming'],
    title: 'Overwriting a filter changes the stored query only; the live listener keeps the original.',
  },
  D19: { class: 'S', of: ['batched'], title: 'A duplicate gets OK false with error:.' },
  D20: { class: 'V', of: ['batched'], title: 'A resubmitted deleted event gets two OKs.' },
  D21: {
    class: 'V',
    of: ['batched'],
    title: 'An error while verifying, other than a wrong signature, answers OK false and saves anyway.',
  },
  D22: { class: 'T', of: ['batched'], title: 'Ephemeral events are stored.' },
  D23: { class: 'V', of: ['batched'], title: 'Protected events (NIP-70) are accepted from anyone.' },
  D24: {
    class: 'V',
    of: ['batched'],
    title: 'An addressable event without a d tag ends the connection, and gets no OK.',
  },
  D25: {
    class: 'V',
    of: ['batched'],
    title: 'A replacing REQ that is not kept leaves the old subscription running.',
  },
  D26: {
    class: 'P',
    of: ['batched'],
    title: "The cache hits before the privacy stage: one client's private answer goes to the next.",
  },
  D27: {
    class: 'V',
    of: ['batched'],
    title: 'Past 100 queued messages of a connection, messages are dropped without an answer.',
  },
  D29: {
    class: 'S',
    of: ['streaming'],
    title: 'A CLOSE or a replacing REQ can overtake its REQ: the subscription stays open.',
  },
  D30: {
    class: 'S',
    of: ['streaming'],
    title: 'Several sources for one filter interleave, each up to limit.',
  },
  D31: {
    class: 'S',
    of: ['batched'],
    title: 'A REQ whose filters all have ids never goes live, not even for ids not found.',
  },
  D32: { class: 'V', of: ['batched'], title: 'A filter with a tag matches no live event.' },
} as const satisfies Record<string, Deviation>;

export type DeviationId = keyof typeof DEVIATIONS;

export function isDeviationId(id: string): id is DeviationId {
  return Object.hasOwn(DEVIATIONS, id);
}
