/** Rules on EVENT, OK, and on what an event is. */
import { type Check, quoted } from './check.js';
import { hasPrefix } from './subscription.js';

export type OkFacts =
  | {
      readonly case: 'ok';
      readonly id: string;
      readonly accepted: boolean;
      readonly reason: string;
      readonly sent: number;
      readonly answered: number;
    }
  | { readonly case: 'malformed'; readonly problem: string }
  /** An EVENT or AUTH that nothing answered by the end of the load; `freshReqAnswered` as in `UnansweredFacts`. */
  | { readonly case: 'none'; readonly id: string; readonly freshReqAnswered: boolean | undefined };

export const okOnce: Check<OkFacts> = {
  id: 'nip01/event/ok',
  level: 'MUST',
  title: 'One OK for each EVENT',
  requirement:
    'Each EVENT, and each AUTH, gets one OK with its id, four elements, and a machine-readable prefix when it is false.',
  reference: 'NIP-01, From relay to client; NIP-42, New client-relay protocol messages',
  rule(facts) {
    switch (facts.case) {
      case 'malformed':
        return { broken: facts.problem };
      case 'none':
        return unansweredEvent(facts.id, facts.freshReqAnswered);
      case 'ok':
        return rulingOnOk(facts);
    }
  },
};

function unansweredEvent(id: string, freshReqAnswered: boolean | undefined): ReturnType<typeof okOnce.rule> {
  if (freshReqAnswered === undefined) return 'set-aside';
  const then = freshReqAnswered
    ? 'a fresh REQ was answered afterwards'
    : 'a fresh REQ was not answered either';
  return { broken: `no OK for ${quoted(id)}; ${then}` };
}

function rulingOnOk(facts: Extract<OkFacts, { case: 'ok' }>): ReturnType<typeof okOnce.rule> {
  const { id, accepted, reason, sent, answered } = facts;
  if (sent === 0) return { broken: `OK for ${quoted(id)}, which was never sent on this connection` };
  if (answered >= sent)
    return {
      broken: `OK number ${answered + 1} for ${quoted(id)}, which was sent ${sent === 1 ? 'once' : `${sent} times`}`,
    };
  if (!accepted && !hasPrefix(reason))
    return { broken: `OK false with ${quoted(reason)}, which has no prefix` };
  return 'passed';
}

export const nothingInvented: Check<{
  readonly id: string;
  /** undefined: not verified, the budget for that was spent. */
  readonly valid: boolean | undefined;
}> = {
  id: 'nip01/event/nothing-invented',
  level: 'MUST',
  title: 'Events are genuine',
  requirement: 'Every event that a relay sends has the id of its content and a valid signature.',
  reference: 'NIP-01, Events and signatures',
  rule({ id, valid }) {
    if (valid === undefined) return 'set-aside';
    return valid ? 'passed' : { broken: `event ${quoted(id)} has a wrong id or signature` };
  },
};

export const foreignEvent: Check<{ readonly id: string; readonly known: boolean }> = {
  id: 'nip01/event/foreign',
  level: 'INFO',
  title: 'Events that the harness did not give',
  requirement:
    'A valid event that was neither loaded nor published; other clients or an older store explain it.',
  reference: 'NIP-01, From relay to client',
  rule: ({ id, known }) =>
    known ? 'passed' : { broken: `event ${quoted(id)} was neither loaded nor published` },
};

export const ephemeralServed: Check<{ readonly ids: readonly string[] }> = {
  id: 'nip01/event/ephemeral',
  level: 'INFO',
  title: 'Ephemeral events are stored',
  requirement: 'Ephemeral kinds are not expected to be served as stored, here 2 s after they were accepted.',
  reference: 'NIP-01, Kinds',
  rule: ({ ids }) =>
    ids.length === 0 ? 'passed' : { broken: `${ids.length} ephemeral events served as stored` },
};

export const supersededServed: Check<{ readonly ids: readonly string[]; readonly subscription: string }> = {
  id: 'nip01/event/superseded',
  level: 'SHOULD',
  title: 'Only the latest version is served',
  requirement:
    'Of the versions of a replaceable or addressable event that a filter matches only the latest is among the stored events of an answer; of two with one timestamp, the one with the lowest id. Where NIP-09 is claimed, no event that its author has deleted.',
  reference: 'NIP-01, Kinds; NIP-09',
  rule: ({ ids, subscription }) =>
    ids.length === 0
      ? 'passed'
      : {
          broken: `${quoted(subscription)} got superseded versions or deleted events: ${ids
            .map((id) => id.slice(0, 12))
            .slice(0, 3)
            .join(', ')}`,
        },
};
