/** Rules on events that a relay has, or may have, and must not send. */
import type { AudienceStanding } from '../admission.js';
import { type Check, quoted, shortId } from './check.js';

/** How far clocks may differ, in seconds. */
const TOLERANCE_S = 5;

export interface ExpiringFacts {
  readonly id: string;
  readonly ephemeral: boolean;
  /** Unix time in seconds. */
  readonly expiresAtS: number;
  /** Unix time before which the relay can't have sent it: its REQ, or the event itself, wasn't there; undefined: unknown. */
  readonly sentAfterS: number | undefined;
  /** Unix time at which it was got; undefined: unknown. */
  readonly gotAtS: number | undefined;
}

export const expiredServed: Check<ExpiringFacts> = {
  id: 'nip40/expired',
  level: 'SHOULD',
  title: 'Expired events are not served',
  requirement:
    'No event that expired more than 5 s before it was asked for, or published, is sent to a client, stored or live.',
  reference: 'NIP-40, Relay Behavior',
  claim: 40,
  rule({ id, ephemeral, expiresAtS, sentAfterS, gotAtS }) {
    if (ephemeral || gotAtS === undefined || sentAfterS === undefined) return 'set-aside';
    if (gotAtS < expiresAtS) return 'passed';
    const expiredForS = sentAfterS - expiresAtS;
    if (expiredForS <= TOLERANCE_S) return 'set-aside';
    return { broken: `event ${quoted(shortId(id))} was sent, expired for ${Math.floor(expiredForS)} s` };
  },
};

export interface PrivateFacts {
  readonly id: string;
  readonly kind: number;
  readonly client: AudienceStanding;
}

export const privacyKept: Check<PrivateFacts> = {
  id: 'access/privacy',
  level: 'POLICY',
  title: 'Private events go to those they concern',
  requirement:
    'In every access mode but `open` no event of a privileged kind, and none with a `private` tag, is sent to a client that it does not concern, stored or live.',
  reference: 'docs/access.md, Private events',
  rule({ id, kind, client }) {
    if (client === 'either') return 'set-aside';
    if (client === 'in') return 'passed';
    return { broken: `private event ${quoted(shortId(id))} of kind ${kind} was sent to a third party` };
  },
};

/** A COUNT that matches private events which do not concern the client. */
export interface PrivateCountFacts {
  readonly id: string;
  readonly count: number;
  /** The most that there can be without those events, and with them. */
  readonly without: number;
  readonly withThem: number;
  /** The relay counts exactly: it has, wherever that could be told, and says nothing else of this count. */
  readonly exact: boolean;
}

export const privateNotCounted: Check<PrivateCountFacts> = {
  id: 'access/privacy-counted',
  level: 'POLICY',
  title: 'Private events are counted for those they concern',
  requirement:
    'In every access mode but `open` a COUNT leaves out private events that do not concern the client. Estimates, and relays whose counts are off elsewhere, are set aside.',
  reference: 'docs/access.md, Private events; NIP-45',
  claim: 45,
  rule({ id, count, without, withThem, exact }) {
    if (count <= without) return 'passed';
    if (!exact || count > withThem) return 'set-aside';
    return {
      broken: `the count for ${quoted(id)} is ${count}: at most ${without} match that the client may see, and ${withThem} with private events of others`,
    };
  },
};
