/** Rules on events that a relay has, or may have, and must not send. */
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
  /** What the client was to this event: somebody whom it may go to, certainly or certainly not. */
  readonly client: 'in' | 'either' | 'out';
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
