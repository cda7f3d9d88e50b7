import { accessProbes } from './access.js';
import { privateProbes, servedKindsProbes } from './access-private.js';
import { closedProbes } from './closed.js';
import { eventProbes } from './nip01-event.js';
import { filterProbes } from './nip01-filter.js';
import { liveProbes } from './nip01-live.js';
import { refusedProbes } from './nip01-refused.js';
import { replaceableProbes } from './nip01-replaceable.js';
import { answerProbes, storedProbes } from './nip01-req.js';
import { limitLiveProbes, subscriptionProbes } from './nip01-subscription.js';
import { deletionProbes } from './nip09.js';
import { informationProbes } from './nip11.js';
import { authProbes, authRequiredProbes } from './nip42.js';
import { negentropyProbes } from './nip77.js';
import { completenessProbes, countProbes, expirationProbes, protectedProbes } from './optional.js';
import type { Probe } from './probe.js';
import { raceProbes } from './race.js';
import { loadProbes } from './race-memory.js';
import { transportProbes } from './transport.js';

/** Every probe, in the order of reports: one section after another. */
export const PROBES: readonly Probe[] = [
  ...eventProbes,
  ...answerProbes,
  ...filterProbes,
  ...storedProbes,
  ...subscriptionProbes,
  ...limitLiveProbes,
  ...refusedProbes,
  ...liveProbes,
  ...replaceableProbes,
  ...closedProbes,
  ...deletionProbes,
  ...informationProbes,
  ...expirationProbes,
  ...authProbes,
  ...authRequiredProbes,
  ...accessProbes,
  ...privateProbes,
  ...servedKindsProbes,
  ...countProbes,
  ...completenessProbes,
  ...protectedProbes,
  ...negentropyProbes,
  ...transportProbes,
  ...raceProbes,
  ...loadProbes,
];
