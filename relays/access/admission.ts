import { andThen, type MaybePromise } from '../hooks/maybe-promise.js';
import { type NostrEvent, type RelayEvent, relayEvent } from '../protocol/event.js';
import { isExpired } from '../protocol/expiration.js';
import { AUTH_KIND, kindClass } from '../protocol/kinds.js';
import type { EventStore, SaveOutcome } from '../store/event-store.js';
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
  /** As `Verifier.forgery` gives it, or will. */
  readonly forgery: MaybePromise<string | undefined>;
  /** Unix time in seconds. */
  readonly nowS: number;
  /** Take protected events (NIP-70) from anybody; a clean relay doesn't. */
  readonly takesProtected?: boolean;
}

/**
 * EVENT up to the store (strategies.md, rows "EVENT"): id → signature → NIP-70 → access → ephemeral, or saved. A promise comes
 * from verification on another thread, and from a store that writes many events together; until it resolves, nothing
 * may be said of the event.
 */
export function admit(
  event: NostrEvent,
  json: Uint8Array,
  writer: Reader,
  rules: AdmissionRules,
): MaybePromise<Admission> {
  return andThen(refusalToAdmit(event, writer, rules), (reason) =>
    reason === undefined ? keep(event, json, rules) : { status: 'refused', reason },
  );
}

/** Why `event` isn't taken from `writer`, with its prefix, or undefined. */
export function refusalToAdmit(
  event: NostrEvent,
  writer: Reader,
  { access, forgery, takesProtected = false }: AdmissionRules,
): MaybePromise<string | undefined> {
  return andThen(
    forgery,
    (reason) =>
      reason ??
      misplaced(event) ??
      (takesProtected ? undefined : protectedFrom(event, writer)) ??
      access.refusalToWrite(writer, event),
  );
}

/** Saves an event that is admitted; ephemeral ones are passed on only. */
export function keep(
  event: NostrEvent,
  json: Uint8Array,
  { store, nowS }: Pick<AdmissionRules, 'store' | 'nowS'>,
): MaybePromise<Admission> {
  if (kindClass(event.kind) === 'ephemeral') return admitEphemeral(relayEvent(event, json), nowS);
  const saved = store.save(event, json);
  return saved instanceof Promise ? saved.then(admissionOf) : admissionOf(saved);
}

function admitEphemeral(event: RelayEvent, nowS: number): Admission {
  return isExpired(event, nowS)
    ? admissionOf({ status: 'expired' })
    : { status: 'new', event, sequence: undefined };
}

function admissionOf(saved: SaveOutcome): Admission {
  switch (saved.status) {
    case 'stored':
      return { status: 'new', event: saved.event, sequence: saved.event.sequence };
    case 'duplicate':
      return { status: 'known', reason: 'duplicate: this event is here already' };
    case 'superseded':
      return { status: 'known', reason: 'duplicate: a newer version of this event is here' };
    case 'deleted':
      return { status: 'refused', reason: DELETED };
    case 'expired':
      return { status: 'refused', reason: 'invalid: this event has expired' };
    case 'failed':
      return { status: 'refused', reason: `error: ${saved.reason}` };
  }
}

/** Why an event isn't taken that was deleted before it came (NIP-09). */
export const DELETED = 'blocked: its author has deleted this event';

/** NIP-42: AUTH events are for the relay alone, and it hands them to nobody. */
function misplaced(event: NostrEvent): string | undefined {
  return event.kind === AUTH_KIND ? 'invalid: this kind belongs in an AUTH message' : undefined;
}
