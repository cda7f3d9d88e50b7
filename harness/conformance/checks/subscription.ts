/** Rules on how the messages of a subscription follow each other. */
import { type Check, quoted } from './check.js';

/** Where an id stands when an answer to it comes, by the reading that is kindest to the relay. */
export interface AnswerFacts {
  readonly answer: 'EOSE' | 'CLOSED';
  readonly subscription: string;
  /** REQs with this id that were sent. */
  readonly requests: number;
  /** Of those, the ones that could still send this answer. */
  readonly couldAnswer: number;
}

/** A REQ that nothing answered by the end of the load. */
export interface UnansweredFacts {
  readonly answer: 'none';
  readonly subscription: string;
  /** Whether a fresh REQ on the connection was answered; undefined: not tried, or the connection ended. */
  readonly freshReqAnswered: boolean | undefined;
}

export const eoseOnce: Check<AnswerFacts | UnansweredFacts> = {
  id: 'nip01/req/eose-once',
  level: 'MUST',
  title: 'A REQ is answered once',
  requirement:
    'An id used once gets one EOSE or one CLOSED. CLOSED may follow EOSE; EOSE never follows CLOSED. An id used n times gets at most n EOSE, and an answer after its last REQ.',
  reference: 'NIP-01, From relay to client',
  rule(facts) {
    if (facts.answer === 'none') {
      if (facts.freshReqAnswered === undefined) return 'set-aside';
      const then = facts.freshReqAnswered
        ? 'a fresh REQ was answered afterwards'
        : 'a fresh REQ was not answered either';
      return { broken: `no EOSE and no CLOSED for ${quoted(facts.subscription)}; ${then}` };
    }
    if (facts.couldAnswer > 0) return 'passed';
    return {
      broken: `${facts.answer} for ${quoted(facts.subscription)}, but ${facts.requests === 1 ? 'its REQ was' : `all ${facts.requests} REQs with that id were`} answered for good before`,
    };
  },
};

export const nothingAfterClosed: Check<{
  readonly subscription: string;
  /** REQs with this id for which no CLOSED was got. */
  readonly notClosed: number;
}> = {
  id: 'nip01/closed/nothing-after',
  level: 'MUST',
  title: 'Nothing after CLOSED',
  requirement: 'After CLOSED no EVENT comes for that id until it is used in a new REQ.',
  reference: 'NIP-01, From relay to client',
  rule: ({ subscription, notClosed }) =>
    notClosed > 0 ? 'passed' : { broken: `an EVENT for ${quoted(subscription)} after its CLOSED` },
};

export const knownSubscription: Check<{
  readonly label: string;
  readonly subscription: string;
  readonly used: boolean;
}> = {
  id: 'nip01/req/known-subscription',
  level: 'MUST',
  title: 'Only ids that were asked for',
  requirement: 'EVENT, EOSE and CLOSED carry an id that was used in a REQ on the same connection.',
  reference: 'NIP-01, From relay to client',
  rule: ({ label, subscription, used }) =>
    used
      ? 'passed'
      : { broken: `${label} for ${quoted(subscription)}, which was never used on this connection` },
};

export const matchesFilter: Check<{
  readonly id: string;
  readonly subscription: string;
  readonly matchesAny: boolean;
}> = {
  id: 'nip01/req/matches-filter',
  level: 'MUST',
  title: 'Events match a filter of the REQ',
  requirement:
    'An event that is sent for an id matches a filter of a REQ of that id that may still be served.',
  reference: 'NIP-01, From client to relay',
  rule: ({ id, subscription, matchesAny }) =>
    matchesAny ? 'passed' : { broken: `event ${quoted(id)} matches no filter of ${quoted(subscription)}` },
};

/** `word:` in front, as the standardised prefixes have it (NIP-01). */
const PREFIX = /^[a-z][\w-]*:/i;

/** Whether a reason begins with a machine-readable prefix. */
export function hasPrefix(reason: string): boolean {
  return PREFIX.test(reason);
}

export const closedPrefix: Check<{
  readonly reason: string;
  /** The client had sent CLOSE: an empty CLOSED may just confirm it. */
  readonly afterClose: boolean;
}> = {
  id: 'nip01/closed/prefix',
  level: 'SHOULD',
  title: 'CLOSED says why, machine-readably',
  requirement: 'The message of a CLOSED begins with a single-word prefix and a colon.',
  reference: 'NIP-01, From relay to client',
  rule({ reason, afterClose }) {
    if (hasPrefix(reason)) return 'passed';
    if (afterClose && reason === '') return 'set-aside';
    return { broken: `CLOSED with ${quoted(reason)}, which has no prefix` };
  },
};
