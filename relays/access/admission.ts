import { type NostrEvent, type RelayEvent, relayEvent } from '../protocol/event.js';
import { AUTH_KIND, kindClass } from '../protocol/kinds.js';
import { forgery } from '../protocol/signature.js';
import type { EventStore } from '../store/event-store.js';
import type { AccessPolicy, Reader } from './policy.js';
import { protectedFrom } from './protected.js';

/** What became of a published event. `reason` goes into the OK, with its prefix. */
export type Admission =
  | { readonly status: 'refused'; readonly reason: string }
  /** Accepted, and nothing is to be delivered: the relay has it, or a newer version. */
  | { readonly status: 'known'; readonly reason: string }
  /** Accepted, and to be delivered; ephemeral events have no sequence, because they were not stored. */
  | { readonly status: 'new'; readonly event: RelayEvent; readonly sequence: number | undefined };

export interface AdmissionRules {
  readonly store: EventStore;
  readonly access: AccessPolicy;
  readonly verifySignatures: boolean;
}

/** EVENT up to the store (strategies.md, rows "EVENT"): id → signature → NIP-70 → access → ephemeral, or saved. */
export function admit(event: NostrEvent, json: Uint8Array, writer: Reader, rules: AdmissionRules): Admission {
  const reason = refusalToAdmit(event, writer, rules);
  return reason === undefined ? keep(event, json, rules.store) : { status: 'refused', reason };
}

/** Why `event` isn't taken from `writer`, with its prefix, or undefined. */
export function refusalToAdmit(
  event: NostrEvent,
  writer: Reader,
  { access, verifySignatures }: AdmissionRules,
): string | undefined {
  return (
    (verifySignatures ? forgery(event) : undefined) ??
    misplaced(event) ??
    protectedFrom(event, writer) ??
    access.refusalToWrite(writer)
  );
}

/** Saves an event that is admitted; ephemeral ones are passed on only. */
export function keep(event: NostrEvent, json: Uint8Array, store: EventStore): Admission {
  if (kindClass(event.kind) === 'ephemeral') {
    return { status: 'new', event: relayEvent(event, json), sequence: undefined };
  }
  const saved = store.save(event, json);
  switch (saved.status) {
    case 'stored':
      return { status: 'new', event: saved.event, sequence: saved.event.sequence };
    case 'duplicate':
      return { status: 'known', reason: 'duplicate: this event is here already' };
    case 'superseded':
      return { status: 'known', reason: 'duplicate: a newer version of this event is here' };
  }
}

/** NIP-42: AUTH events are for the relay alone, and it hands them to nobody. */
function misplaced(event: NostrEvent): string | undefined {
  return event.kind === AUTH_KIND ? 'invalid: this kind belongs in an AUTH message' : undefined;
}
