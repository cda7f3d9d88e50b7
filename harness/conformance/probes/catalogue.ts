import { accessProbes } from './access.js';
import { closedProbes } from './closed.js';
import { eventProbes } from './nip01-event.js';
import { liveProbes } from './nip01-live.js';
import { replaceableProbes } from './nip01-replaceable.js';
import { answerProbes, filterProbes } from './nip01-req.js';
import { limitLiveProbes, refusedProbes, subscriptionProbes } from './nip01-subscription.js';
import { deletionProbes } from './nip09.js';
import { informationProbes } from './nip11.js';
import { authProbes, authRequiredProbes } from './nip42.js';
import { completenessProbes, countProbes, expirationProbes, protectedProbes } from './optional.js';
import type { Probe } from './probe.js';
import { raceProbes } from './race.js';
import { transportProbes } from './transport.js';

/** Every probe, in the order of reports: one section after another. */
export const PROBES: readonly Probe[] = [
  ...eventProbes,
  ...answerProbes,
  ...filterProbes,
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
  ...countProbes,
  ...completenessProbes,
  ...protectedProbes,
  ...transportProbes,
  ...raceProbes,
];
