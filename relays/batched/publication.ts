import { admit } from '../access/admission.js';
import { asksForAuth } from '../access/policy.js';
import type { DeviationId } from '../deviations.js';
import type { NostrEvent } from '../protocol/event.js';
import { kindClass } from '../protocol/kinds.js';
import { authMessage, noticeMessage, okMessage } from '../protocol/relay-message.js';
import { failsToVerify } from '../protocol/signature.js';
import type { Connection, Substrate } from '../strategy.js';

/** EVENT: the OK comes before the delivery. */
export function publish(
  event: NostrEvent,
  json: Uint8Array,
  { session, outbox }: Connection,
  substrate: Substrate,
): void {
  const { live, settings, store, access, log } = substrate;
  const deviates = (id: DeviationId): boolean => settings.deviations.includes(id);
  if (deviates('D24') && lacksIdentifier(event)) {
    outbox.message(noticeMessage('invalid: an addressable event needs a d tag'));
    return;
  }
  if (deviates('D21') && settings.verifySignatures && failsToVerify(event)) {
    outbox.message(okMessage(event.id, false, 'error: the signature could not be verified'));
    store.save(event, json);
    return;
  }
  const admission = admit(event, json, session, {
    store,
    access,
    verifySignatures: settings.verifySignatures,
    takesProtected: deviates('D23') && !access.usesAuth,
  });
  log('event', { id: event.id, kind: event.kind, status: admission.status });
  switch (admission.status) {
    case 'refused':
      if (asksForAuth(admission.reason) && !session.isChallenged)
        outbox.message(authMessage(session.challenge()));
      outbox.message(okMessage(event.id, false, admission.reason));
      break;
    case 'known':
      if (deviates('D19')) outbox.message(okMessage(event.id, false, 'error: the event is here already'));
      else outbox.message(okMessage(event.id, true, admission.reason));
      break;
    case 'new':
      outbox.message(okMessage(event.id, true, ''));
      if (deviates('D22') && admission.sequence === undefined) store.save(event, json);
      live.broadcast(admission);
      break;
  }
}

function lacksIdentifier({ kind, tags }: NostrEvent): boolean {
  return kindClass(kind) === 'addressable' && !tags.some(([name]) => name === 'd');
}
