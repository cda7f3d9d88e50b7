import { type Admission, admit } from '../access/admission.js';
import { challengeBefore } from '../access/challenge.js';
import type { DeviationId } from '../deviations.js';
import type { NostrEvent } from '../protocol/event.js';
import { kindClass } from '../protocol/kinds.js';
import { noticeMessage, okMessage } from '../protocol/relay-message.js';
import { failsToVerify } from '../protocol/signature.js';
import type { Connection, Substrate } from '../strategy.js';

/** EVENT: the OK comes before the delivery. Resolves once it is out; undefined: it is out already. */
export function publish(
  event: NostrEvent,
  json: Uint8Array,
  connection: Connection,
  substrate: Substrate,
): Promise<void> | undefined {
  const { session, outbox } = connection;
  const { settings, store, access, clock } = substrate;
  const deviates = (id: DeviationId): boolean => settings.deviations.includes(id);
  if (deviates('D24') && lacksIdentifier(event)) {
    outbox.message(noticeMessage('invalid: an addressable event needs a d tag'));
    return undefined;
  }
  if (deviates('D21') && settings.verifySignatures && failsToVerify(event)) {
    outbox.acknowledge(okMessage(event.id, false, 'error: the signature could not be verified'), false);
    return settled(store.save(event, json));
  }
  const admission = admit(event, json, session, {
    store,
    access,
    verifySignatures: settings.verifySignatures,
    nowS: clock.unixS(),
    takesProtected: deviates('D23') && !access.usesAuth,
  });
  const acknowledge = (outcome: Admission): Promise<void> | undefined =>
    acknowledged({ event, json, outcome }, connection, substrate);
  return admission instanceof Promise ? admission.then(acknowledge) : acknowledge(admission);
}

interface Admitted {
  readonly event: NostrEvent;
  readonly json: Uint8Array;
  readonly outcome: Admission;
}

function acknowledged(
  { event, json, outcome }: Admitted,
  connection: Connection,
  { live, settings, store, log }: Substrate,
): Promise<void> | undefined {
  const { outbox } = connection;
  const deviates = (id: DeviationId): boolean => settings.deviations.includes(id);
  log('event', { id: event.id, kind: event.kind, status: outcome.status });
  switch (outcome.status) {
    case 'refused':
      challengeBefore(outcome.reason, connection);
      outbox.acknowledge(okMessage(event.id, false, outcome.reason), false);
      return undefined;
    case 'known':
      if (deviates('D19')) outbox.acknowledge(okMessage(event.id, false, 'error: the event is here already'), false);
      else outbox.acknowledge(okMessage(event.id, true, outcome.reason), false);
      return undefined;
    case 'new': {
      outbox.acknowledge(okMessage(event.id, true, ''), false);
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
