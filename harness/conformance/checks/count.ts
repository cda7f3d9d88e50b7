/** Rules on COUNT (NIP-45). */
import { type Check, quoted } from './check.js';

const REFERENCE = 'NIP-45';
const CLAIM = 45;

/** Where an id stands when an answer to it comes, or, with `none`, at the end of the load. */
export interface CountFacts {
  readonly answer: 'COUNT' | 'CLOSED' | 'none';
  readonly id: string;
  /** COUNTs with this id that were sent, and those that were answered before. */
  readonly asked: number;
  readonly answered: number;
  /** Whether a fresh REQ on the connection was answered; undefined: not tried, or the connection ended. */
  readonly freshReqAnswered?: boolean | undefined;
}

export const countAnswered: Check<CountFacts> = {
  id: 'nip45/answered',
  level: 'MUST',
  title: 'A COUNT is answered once',
  requirement: 'A COUNT gets one COUNT or one CLOSED with its id, and no other id gets a COUNT.',
  reference: REFERENCE,
  claim: CLAIM,
  rule({ answer, id, asked, answered, freshReqAnswered }) {
    if (answer !== 'none') {
      if (answered < asked) return 'passed';
      const why = asked === 0 ? 'which no COUNT has asked for' : 'which was answered before';
      return { broken: `${answer} for ${quoted(id)}, ${why}` };
    }
    if (freshReqAnswered === undefined) return 'set-aside';
    const then = freshReqAnswered
      ? 'a fresh REQ was answered afterwards'
      : 'a fresh REQ was not answered either';
    return { broken: `neither COUNT nor CLOSED for ${quoted(id)}; ${then}` };
  },
};

/** Between how many events the exact number lies: what is in flight may be counted or not. */
export interface CountBounds {
  readonly least: number;
  readonly most: number;
}

export const countOff: Check<{
  readonly id: string;
  readonly count: number;
  /** Undefined: nobody here can tell. */
  readonly bounds: CountBounds | undefined;
}> = {
  id: 'nip45/off',
  level: 'INFO',
  title: 'A COUNT is not the number of matches',
  requirement:
    'A COUNT has the number of stored events that match a filter, each once. Relays may estimate it; noted is one that is off.',
  reference: REFERENCE,
  claim: CLAIM,
  rule({ id, count, bounds }) {
    if (!bounds) return 'set-aside';
    const { least, most } = bounds;
    if (count >= least && count <= most) return 'passed';
    const wanted = least === most ? `${least}` : `${least} to ${most}`;
    return { broken: `the count for ${quoted(id)} is ${count} where ${wanted} match` };
  },
};
