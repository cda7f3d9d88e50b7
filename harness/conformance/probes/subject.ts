import type { AccessMode } from '../../../relays/relay.js';
import type { FrameReader } from '../../client/frame.js';
import type { KnownEvents } from '../../client/known-events.js';
import type { SigningKey } from '../../corpus/signature.js';
import type { Judge } from '../judge.js';
import type { Pulse } from './pulse.js';

/** The relay under test, and what the probes may do with it. */
export interface Subject {
  readonly url: string;
  /** The address that AUTH events name. */
  readonly authUrl: string;
  readonly writable: boolean;
  /** As the relay declares it or the caller says. */
  readonly access: AccessMode;
  /** Whether the caller declares a mode that keeps private events from third parties (docs/access.md). */
  readonly keepsPrivate: boolean;
  /** NIPs that the relay claims (NIP-11, `supported_nips`). */
  readonly claims: ReadonlySet<number>;
  /** The NIP-11 document as the relay gave it; hostile. */
  readonly nip11: unknown;
  /** Keys that the relay admits; empty: any key will do. */
  readonly allowedKeys: readonly SigningKey[];
  /** The only kinds that the relay serves, as the caller says; empty: it serves any. */
  readonly servedKinds: readonly number[];
  /** A kind whose queries fail, as the caller says. */
  readonly failingKind: number | undefined;
  /** The most bytes that the relay said of itself that it held for clients, over its last 50 ms; undefined where it says nothing. */
  readonly heldBytes: (() => number | undefined) | undefined;
  /** Median time between a REQ and its answer. */
  readonly roundTripMs: number;
  /** An answer is waited for at least so long, whatever the round trip. */
  readonly leastPatienceMs: number;
  /** How fast the relay answers at a later time. */
  readonly pulse: Pulse;
  readonly judge: Judge;
  readonly known: KnownEvents;
  readonly reader: FrameReader;
  readonly surroundings: Surroundings;
}

/** Time and randomness, from outside. */
export interface Surroundings {
  /** Nanoseconds of a clock that never goes back. */
  readonly clock: () => number;
  readonly wallClockMs: () => number;
  readonly randomBytes: (count: number) => Buffer;
  /** A connection number that no other has. */
  readonly nextConnection: () => number;
}

/** A limit that the relay states in its NIP-11 document; undefined when it doesn't, or not as a whole number. */
export function statedLimit({ nip11 }: Pick<Subject, 'nip11'>, name: string): number | undefined {
  const value = field(field(nip11, 'limitation'), name);
  return Number.isSafeInteger(value) ? Number(value) : undefined;
}

/** Field of an object that may be none. */
export function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

export const DEFAULT_LEAST_PATIENCE_MS = 5_000;

/** An answer that takes longer may be missing: 100 round trips, between {@link Subject.leastPatienceMs} and 20 s. */
export function patienceMs({
  roundTripMs,
  leastPatienceMs,
}: Pick<Subject, 'roundTripMs' | 'leastPatienceMs'>): number {
  return Math.round(Math.min(20_000, Math.max(leastPatienceMs, 100 * roundTripMs)));
}

/** What was to come has come: 20 round trips, at least 300 ms (the fence of "closed is closed"). */
export function settleMs({ roundTripMs }: Pick<Subject, 'roundTripMs'>): number {
  return Math.round(Math.min(5_000, Math.max(300, 20 * roundTripMs)));
}
