import { randomBytes } from 'node:crypto';
import type { NostrEvent } from 'nostr-tools/pure';
import type { RelayDeclarations } from '../../../relays/catalog.js';
import type { RelaySettingsInput, RelayTarget } from '../../../relays/relay.js';
import { createFrameReader } from '../../client/frame.js';
import { createKnownEvents } from '../../client/known-events.js';
import { NS_PER_MS, nowNs } from '../../clock.js';
import { publicKeyOf } from '../../corpus/keys.js';
import { eventId, isSignatureValid, type SigningKey } from '../../corpus/signature.js';
import { createJudge } from '../wire-judge.js';
import { NotArranged } from './probe.js';
import { createPulse } from './pulse.js';
import { Scene } from './scene.js';
import { DEFAULT_LEAST_PATIENCE_MS, field, patienceMs, type Subject } from './subject.js';

const ROUND_TRIPS = 5;
/** What a round trip is taken for until it was measured, and where nothing is answered. */
const ASSUMED_ROUND_TRIP_MS = 20;
const NIP42 = 42;

export interface SubjectInput {
  readonly target: Pick<RelayTarget, 'url' | 'nip11'>;
  /** Undefined: the address that is connected to. */
  readonly authUrl?: string | undefined;
  readonly writable: boolean;
  /** What the entry of the relay in the configuration says, where neither the relay nor `settings` does. */
  readonly declared?: RelayDeclarations | undefined;
  /** `access` is believed of every relay, and so is which kinds fail; the rest says what a reference relay was started with. */
  readonly settings: RelaySettingsInput;
  readonly allowedKeys: readonly SigningKey[];
  readonly servedKinds?: readonly number[] | undefined;
  readonly heldBytes?: (() => number | undefined) | undefined;
  readonly leastPatienceMs?: number | undefined;
}

/** What probes need to know of a relay, with a judge of the invariants that has seen nothing yet. */
export function createSubject(input: SubjectInput): Subject {
  const { settings, writable, declared = {} } = input;
  const { url } = input.target;
  const nip11 = withLimits(input.target.nip11, declared.limitation);
  const statesAuth = field(field(nip11, 'limitation'), 'auth_required') === true;
  const access = settings.access ?? declared.access ?? (statesAuth ? 'auth-required' : 'open');
  const nips = field(nip11, 'supported_nips');
  const claims = new Set<number>(Array.isArray(nips) ? nips.filter(Number.isInteger) : []);
  if (access !== 'open') claims.add(NIP42);
  const known = createKnownEvents([]);
  const leastPatienceMs = input.leastPatienceMs ?? DEFAULT_LEAST_PATIENCE_MS;
  let connections = 0;
  return {
    url,
    authUrl: input.authUrl ?? url,
    writable,
    access,
    keepsPrivate: settings.access !== undefined && settings.access !== 'open',
    claims,
    nip11,
    allowedKeys: input.allowedKeys.length > 0 ? input.allowedKeys : declaredKeys(declared),
    servedKinds: input.servedKinds ?? [],
    failingKind: settings.source?.failKinds?.[0],
    heldBytes: input.heldBytes,
    roundTripMs: ASSUMED_ROUND_TRIP_MS,
    leastPatienceMs,
    pulse: createPulse(url, nowNs),
    known,
    reader: createFrameReader(known),
    judge: createJudge({
      known,
      loaded: 0,
      holdingsKnown: writable,
      access,
      admins: adminsOf(settings),
      claims,
      deadlineMs: patienceMs({ roundTripMs: ASSUMED_ROUND_TRIP_MS, leastPatienceMs }),
      verify: isGenuine,
    }),
    surroundings: {
      clock: nowNs,
      wallClockMs: Date.now,
      randomBytes,
      nextConnection() {
        connections += 1;
        return connections;
      },
    },
  };
}

/** The subject with its round trip: the median over a few REQs; the assumed one where they aren't answered. */
export async function withRoundTrip(subject: Subject): Promise<Subject> {
  const scene = new Scene(subject);
  const timesMs: number[] = [];
  try {
    const client = await scene.connect();
    for (let turn = 0; turn < ROUND_TRIPS; turn++) {
      const sentNs = nowNs();
      if (!(await client.isAlive())) break;
      timesMs.push((nowNs() - sentNs) / NS_PER_MS);
    }
  } catch (error) {
    if (!(error instanceof NotArranged)) throw error;
  } finally {
    await scene.end();
  }
  const median = timesMs.sort((a, b) => a - b)[Math.floor(timesMs.length / 2)];
  return { ...subject, roundTripMs: median ?? ASSUMED_ROUND_TRIP_MS };
}

/** What a relay's document says, and of its limits what its entry says where the document is silent. */
function withLimits(nip11: unknown, limitation: RelayDeclarations['limitation']): unknown {
  if (!limitation) return nip11;
  const document = typeof nip11 === 'object' ? nip11 : {};
  const stated = field(nip11, 'limitation');
  return { ...document, limitation: { ...limitation, ...(typeof stated === 'object' ? stated : {}) } };
}

function declaredKeys({ allowedKeys = [] }: RelayDeclarations): readonly SigningKey[] {
  return allowedKeys.map((secretKey) => ({ secretKey, publicKey: publicKeyOf(secretKey) }));
}

/** Who may read everything where the settings declare a mode; what NIP-11 alone states leaves that open. */
function adminsOf({ access, members = {} }: RelaySettingsInput): ReadonlySet<string> | undefined {
  return access && new Set([...(members.owner ?? []), ...(members.admin ?? [])]);
}

function isGenuine(event: NostrEvent): boolean {
  return eventId(event) === event.id && isSignatureValid(event);
}
