import { type Admission, admit, DELETED } from '../access/admission.js';
import { challengeBefore } from '../access/challenge.js';
import type { DeviationId } from '../deviations.js';
import type { MaybePromise } from '../hooks/maybe-promise.js';
import type { NostrEvent } from '../protocol/event.js';
import { kindClass } from '../protocol/kinds.js';
import { okMessage } from '../protocol/relay-message.js';
import { failsToVerify } from '../protocol/signature.js';
import type { Connection, Substrate } from '../strategy.js';

/** An EVENT as it is handled. */
export interface Published {
  readonly event: NostrEvent;
  readonly json: Uint8Array;
  /** As `Verifier.forgery` gives it, or will. */
  readonly forgery: MaybePromise<string | undefined>;
  /** Whether more messages of its client are under way. */
  expectsMore(): boolean;
}

/** EVENT: the OK comes before the delivery. Resolves once it is out; undefined: it is out already. */
export function publish(
  published: Published,
  connection: Connection,
  substrate: Substrate,
): Promise<void> | undefined {
  const { event, json, forgery } = published;
  const { session, outbox } = connection;
  const { settings, store, access, clock } = substrate;
  const deviates = (id: DeviationId): boolean => settings.deviations.includes(id);
  if (deviates('D24') && lacksIdentifier(event)) throw new Error('an addressable event has no d tag');
  if (deviates('D21') && settings.verifySignatures && failsToVerify(event)) {
    outbox.message(okMessage(event.id, false, 'error: the signature could not be verified'));
    return settled(store.save(event, json));
  }
  const admission = admit(event, json, session, {
    store,
    access,
    forgery,
    nowS: clock.unixS(),
    takesProtected: deviates('D23') && !access.usesAuth,
  });
  const acknowledge = (outcome: Admission): Promise<void> | undefined =>
    acknowledged(published, outcome, connection, substrate);
  return admission instanceof Promise ? admission.then(acknowledge) : acknowledge(admission);
}

function acknowledged(
  { event, json, expectsMore }: Published,
  outcome: Admission,
  connection: Connection,
  { live, settings, store, log }: Substrate,
): Promise<void> | undefined {
  const deviates = (id: DeviationId): boolean => settings.deviations.includes(id);
  const ok = (accepted: boolean, reason: string): void =>
    connection.outbox.acknowledge(okMessage(event.id, accepted, reason), expectsMore());
  log('event', { id: event.id, kind: event.kind, status: outcome.status });
  switch (outcome.status) {
    case 'refused':
      challengeBefore(outcome.reason, connection);
      ok(false, outcome.reason);
      if (deviates('D20') && outcome.reason === DELETED) ok(false, 'error: the event could not be saved');
      return undefined;
    case 'known':
      if (deviates('D19')) ok(false, 'error: the event is here already');
      else ok(true, outcome.reason);
      return undefined;
    case 'new': {
      ok(true, '');
      const keepsEphemeral = deviates('D22') && outcome.sequence === undefined;
      const kept = keepsEphemeral ? settled(store.save(event, json)) : undefined;
      live.broadcast(outcome);
      return kept;
    }
  }
}

/** Waits for a store that writes many events together. */
function settled(saved: unknown): Promise<void> | undefined {
  return saved instanceof Promise ? saved.then(() => undefined) : undefined;
}

function lacksIdentifier({ kind, tags }: NostrEvent): boolean {
  return kindClass(kind) === 'addressable' && !tags.some(([name]) => name === 'd');
}
