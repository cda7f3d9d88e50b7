import {
  capped,
  duplicates,
  limitKept,
  liveDelivered,
  storedOrder,
  storedSet,
  tieOrder,
  unlimitedOrder,
} from './answer.js';
import type { CheckDefinition } from './check.js';
import { countAnswered, countOff } from './count.js';
import { ephemeralServed, foreignEvent, nothingInvented, okOnce, supersededServed } from './event.js';
import {
  authNotServed,
  challengeKnown,
  connectionEnded,
  oversized,
  unknownLabel,
  wellFormed,
} from './message.js';
import {
  closedPrefix,
  eoseOnce,
  knownSubscription,
  matchesFilter,
  nothingAfterClosed,
} from './subscription.js';
import { expiredServed, privacyKept, privateNotCounted } from './withheld.js';

/** Every invariant, in the order of reports. */
export const INVARIANTS: readonly CheckDefinition[] = [
  eoseOnce,
  nothingAfterClosed,
  knownSubscription,
  matchesFilter,
  storedSet,
  capped,
  storedOrder,
  tieOrder,
  unlimitedOrder,
  limitKept,
  duplicates,
  liveDelivered,
  okOnce,
  nothingInvented,
  foreignEvent,
  ephemeralServed,
  supersededServed,
  closedPrefix,
  wellFormed,
  unknownLabel,
  oversized,
  connectionEnded,
  challengeKnown,
  authNotServed,
  countAnswered,
  countOff,
  expiredServed,
  privacyKept,
  privateNotCounted,
];
