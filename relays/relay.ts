/**
 * What a relay is to everything outside this folder: something that starts as a process of its own, has an
 * address, may have a pid, and stops. Reference relays, commands, attached addresses and a relay author's own
 * module all stand behind `Relay`; nothing else of `relays/` is known to the harness, `catalog.ts` apart.
 */

import type { DeviationId } from './deviations.js';
import type { RelayDeclarations } from './external/relay-entry.js';

export { DEVIATIONS, type Deviation, type DeviationId, isDeviationId } from './deviations.js';

/** Who may read and write (docs/access.md). */
export type AccessMode = 'open' | 'auth-required' | 'follows' | 'managed';

/** What a client may do; each level includes those before it. `blocked` and `none` may do nothing. */
export type AccessLevel = 'none' | 'blocked' | 'read' | 'write' | 'admin' | 'owner';

/** Public keys, as 64 lower-case hex digits, by the level that they have in every access mode. */
export type AccessMembers = Readonly<Partial<Record<Exclude<AccessLevel, 'none'>, readonly string[]>>>;

/** Options of the relay `batched` (docs/strategies.md). Those that its model got later are off unless asked for. */
export interface BatchedSettings {
  /** How long all filters of a REQ may take together, in milliseconds. */
  readonly deadlineMs: number;
  /** Whether an event that several filters match is sent once. */
  readonly dedup: boolean;
  /** How long an answer to a single filter may be given again, in milliseconds; every save drops them all. 0: never. */
  readonly cacheTtlMs: number;
  /** Take ids that were delivered out of the live filters, and send CLOSED when nothing is left to wait for. */
  readonly dropDeliveredIds: boolean;
  /**
   * Live events that may wait for a subscriber who doesn't read; with one more, or after `receiverStallMs`, the subscription
   * is dropped. 0: no bound of its own, the connection's holds.
   */
  readonly receiverQueue: number;
  readonly receiverStallMs: number;
  /** Beginnings of the IP addresses that may connect, such as `10.1.`; empty: all. */
  readonly allowAddresses: readonly string[];
  /** Beginnings of those that may not. */
  readonly blockAddresses: readonly string[];
}

/** Limits of a reference relay; each is stated in its NIP-11 document and kept. */
export interface RelayLimits {
  /** Largest WebSocket message that is read, in bytes. */
  readonly maxMessageBytes: number;
  /** Open subscriptions a connection may hold. */
  readonly maxSubscriptions: number;
  /** Filters in one REQ. */
  readonly maxFilters: number;
  /** Events one filter can return; also what a filter without `limit` gets. */
  readonly maxLimit: number;
  /** Tags of one event. */
  readonly maxEventTags: number;
  /** Length of a subscription id in characters (NIP-01 fixes 64). */
  readonly maxSubscriptionIdLength: number;
  /** WebSocket connections at a time; 0: no bound. */
  readonly maxConnections: number;
  /**
   * Those from one IPv4 address, or from one IPv6 network of 64 bits; 0: no bound. Loopback addresses have none: a proxy
   * on this machine brings everybody by one of them.
   */
  readonly maxConnectionsPerAddress: number;
  /**
   * Sockets that are open and aren't WebSocket connections: not yet, or never; 0: no bound. Past it, and past as many from one
   * address as it may have connections, the one that has waited longest is closed.
   */
  readonly maxWaiting: number;
}

/** How an event source hands over what it finds (strategies.md, row "source"). */
export type SourceDelivery = 'streaming' | 'collecting';

/** Traits of the event source behind a reference relay. */
export interface SourceTraits {
  /** `streaming`: event by event, stops when cancelled. `collecting`: a filter's whole answer at once. */
  readonly delivery: SourceDelivery;
  /** Time a query takes before its first event, as of a remote database, in milliseconds. */
  readonly serviceTimeMs: number;
  /**
   * Processor time that each query burns before it begins, in microseconds: a slowdown of known size, finer than timers
   * are. Nobody else is served meanwhile.
   */
  readonly spinUs: number;
  /** Service times that hold instead for filters that name one of these kinds. */
  readonly slowKinds: readonly { readonly kinds: readonly number[]; readonly serviceTimeMs: number }[];
  /** Filters that name one of these kinds fail, after their service time. */
  readonly failKinds: readonly number[];
  /** Filters that name one of these kinds never get an answer; cancelling ends them. */
  readonly hangKinds: readonly number[];
}

/** A second: a relay that spins longer looks dead. */
export const MOST_SPIN_US = 1_000_000;

/**
 * What a commit of the LMDB store waits for (LMDB: `MDB_NOMETASYNC`, `MDB_NOSYNC`). A crash of the process loses nothing
 * under any of them; `docs/storage.md` says what a power cut can take.
 */
export const SYNC_MODES = ['full', 'no-meta-sync', 'no-sync'] as const;
export type SyncMode = (typeof SYNC_MODES)[number];

export const STORE_ENGINES = ['memory', 'lmdb'] as const;

/** Where a reference relay keeps its events. */
export interface StoreSettings {
  readonly engine: (typeof STORE_ENGINES)[number];
  /** Only the LMDB store has a disk to wait for. */
  readonly sync: SyncMode;
}

/**
 * Threads that verify signatures beside the relay's own. 0: it verifies them itself, and the relay needs one core.
 * `auto`: by the number of cores (`relays/verification/verifier.ts`).
 */
export type VerifyThreads = number | 'auto';

/** More than the machines have on which one thread could still feed them. */
export const MAX_VERIFY_THREADS = 64;

/** Settings of a reference relay. A relay by command or address ignores them. */
export interface RelaySettings {
  readonly access: AccessMode;
  readonly members: AccessMembers;
  readonly limits: RelayLimits;
  readonly source: SourceTraits;
  readonly store: StoreSettings;
  /** Check ids and signatures of EVENTs. On unless a scenario asks what verification costs. */
  readonly verifySignatures: boolean;
  /** Where they are checked. */
  readonly verifyThreads: VerifyThreads;
  /**
   * Say `finish` with the EOSE of a complete answer (NIP-67). Off by default: some clients take an EOSE of three
   * elements for malformed.
   */
  readonly completenessHints: boolean;
  /** Switched on; a clean relay has none. */
  readonly deviations: readonly DeviationId[];
  readonly batched: BatchedSettings;
}

/** What a caller may leave out of {@link RelaySettings}. */
export interface RelaySettingsInput {
  readonly access?: AccessMode | undefined;
  readonly members?: AccessMembers | undefined;
  readonly limits?: Partial<RelayLimits> | undefined;
  readonly source?: Partial<SourceTraits> | undefined;
  readonly store?: Partial<StoreSettings> | undefined;
  readonly verifySignatures?: boolean | undefined;
  readonly verifyThreads?: VerifyThreads | undefined;
  readonly completenessHints?: boolean | undefined;
  readonly deviations?: readonly DeviationId[] | undefined;
  readonly batched?: Partial<BatchedSettings> | undefined;
}

/** Limits that admit real traffic: a 59 kB contact list, an event of 786 tags. */
export const DEFAULT_LIMITS: RelayLimits = {
  maxMessageBytes: 512_000,
  maxSubscriptions: 300,
  maxFilters: 100,
  maxLimit: 5_000,
  maxEventTags: 5_000,
  maxSubscriptionIdLength: 64,
  maxConnections: 0,
  maxConnectionsPerAddress: 0,
  maxWaiting: 0,
};

const DEFAULT_SOURCE: SourceTraits = {
  delivery: 'streaming',
  serviceTimeMs: 0,
  spinUs: 0,
  slowKinds: [],
  failKinds: [],
  hangKinds: [],
};

export const DEFAULT_BATCHED: BatchedSettings = {
  deadlineMs: 30_000,
  dedup: true,
  cacheTtlMs: 0,
  dropDeliveredIds: false,
  receiverQueue: 0,
  receiverStallMs: 3_000,
  allowAddresses: [],
  blockAddresses: [],
};
const DEFAULT_STORE: StoreSettings = { engine: 'memory', sync: 'full' };

/** Fills in what `input` leaves out. */
export function relaySettings(input: RelaySettingsInput = {}): RelaySettings {
  return {
    access: input.access ?? 'open',
    members: input.members ?? {},
    limits: { ...DEFAULT_LIMITS, ...input.limits },
    source: { ...DEFAULT_SOURCE, ...input.source },
    store: { ...DEFAULT_STORE, ...input.store },
    verifySignatures: input.verifySignatures ?? true,
    verifyThreads: input.verifyThreads ?? 0,
    completenessHints: input.completenessHints ?? false,
    deviations: input.deviations ?? [],
    batched: { ...DEFAULT_BATCHED, ...input.batched },
  };
}

/**
 * The script of the null relay: for the filters of a REQ, as their exact JSON text (what stands between the
 * subscription id and the closing bracket), the events to send; and for an event id, which REQs get it live.
 */
export interface CannedAnswers {
  /** JSONL file of signed events, one a line; `events` are 0-based line numbers in it. */
  readonly corpusFile: string;
  readonly answers: readonly { readonly filters: string; readonly events: readonly number[] }[];
  /** `to`: indices into `answers`. Open subscriptions with those filters get the event as it was published. */
  readonly deliveries: readonly { readonly id: string; readonly to: readonly number[] }[];
}

/** What a relay is started with. */
export interface StartOptions {
  /** Scratch folder of this start alone; exists and is empty. Logs and data go here. */
  readonly dir: string;
  readonly settings: RelaySettings;
  /** JSONL of verified events that should be in the store before the relay is ready. See {@link RunningRelay.preloaded}. */
  readonly preloadFile?: string | undefined;
  /** JSON file of {@link CannedAnswers}; only the null relay reads it. */
  readonly cannedFile?: string | undefined;
  /** How long it may take until a WebSocket upgrade succeeds, in milliseconds. */
  readonly readyWithinMs: number;
  /** `dir` is not empty: it is a copy of the folder of an earlier start that was loaded. */
  readonly holdsEvents?: boolean | undefined;
}

/** The process that holds a relay's listening socket, as the system tells it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Its command line; hostile text. */
  readonly arguments: string;
  /** Path of the program that it runs. */
  readonly program?: string | undefined;
  /** Of the program, in hex. */
  readonly sha256?: string | undefined;
}

/** What was measured: recorded in every result so that a figure can be traced to a process. */
export interface RelayTarget {
  readonly kind: 'builtin' | 'command' | 'attached' | 'module';
  readonly url: string;
  readonly command?: string | undefined;
  /** The NIP-11 document as the relay gave it (hostile text), or undefined if it gave none. */
  readonly nip11?: unknown;
  /** Who listens on the address; undefined where that can't be told: on another machine or platform, or of another user. */
  readonly process?: ProcessIdentity | undefined;
}

/** A sample that a reference relay takes of itself. Times are `process.hrtime` nanoseconds, one clock a machine. */
export interface RelaySample {
  readonly atNs: number;
  readonly heapUsedBytes: number;
  readonly externalBytes: number;
  /** Largest event-loop delay since the previous sample, in milliseconds. */
  readonly eventLoopDelayMs: number;
  readonly connections: number;
  readonly subscriptions: number;
  /** Garbage collections since the previous sample; missing where they aren't watched. */
  readonly gc?: { readonly count: number; readonly pauseMs: number; readonly longestMs: number } | undefined;
  /**
   * The most bytes that were held in answers, outboxes, caches and subscriptions at one moment since the previous sample;
   * missing where they aren't counted.
   */
  readonly heldBytes?: number | undefined;
}

/** How a relay process ended. */
export interface RelayExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A relay that accepts WebSocket connections. */
export interface RunningRelay {
  readonly target: RelayTarget;
  /** The address that its AUTH expects, where that isn't the one connected to. */
  readonly authUrl?: string | undefined;
  /** The process that holds the listening socket; undefined where that can't be known (attached). */
  readonly pid: number | undefined;
  /** True when `preloadFile` is already in the store; false: load it over EVENT. */
  readonly preloaded: boolean;
  /** Resolves when the process ends, for whatever reason; never for an attached relay. */
  readonly exited: Promise<RelayExit>;
  /** Last lines that the process wrote to stdout and stderr, oldest first; hostile text. */
  logTail(): readonly string[];
  /** Calls back with samples that the relay takes of itself; never called by foreign relays. */
  onSample(listener: (sample: RelaySample) => void): void;
  /** Once stopped: how many processes its command had left outside its process group. They were ended too. */
  leftBehind?(): number;
  /** Ends the process (its whole group, for a command) and waits for it. Safe to call twice. */
  stop(): Promise<void>;
}

/** Something that can be started and loaded with REQs. */
export interface Relay {
  /** As results name it: `streaming`, `mine`, `127.0.0.1:7777`. */
  readonly name: string;
  /** What it was asked for by: `streaming`, `mine=./relay --port {port}`; undefined where no specification was resolved. */
  readonly spec?: string | undefined;
  readonly kind: RelayTarget['kind'];
  /** False for attached relays that the user did not say may be written to: nothing is published to them. */
  readonly writable: boolean;
  /** True for the null relay: measured as the floor, not judged. */
  readonly floor: boolean;
  /** What its entry in a configuration file says of it. */
  readonly declared?: RelayDeclarations | undefined;
  /** True when the folder of a loaded relay may be copied for a later start; see `StartOptions.holdsEvents`. */
  readonly copiesData?: boolean | undefined;
  /** Why it can't start, as far as that can be told before anything is done; undefined: nothing speaks against it. */
  absent?(): string | undefined;
  /** @throws {RelayNotReadyError} when it isn't ready in time, exits first, or can't be started. */
  start(options: StartOptions): Promise<RunningRelay>;
}

/** Whether a relay's process runs our own code: a reference relay, a strategy of a module in one, the null relay. */
export function isOwn({ kind }: Pick<Relay, 'kind'>): boolean {
  return kind === 'builtin' || kind === 'module';
}

/** A relay that was not ready in time or died first (exit code 3). */
export class RelayNotReadyError extends Error {
  override readonly name = 'RelayNotReadyError';
  constructor(
    readonly relay: string,
    reason: string,
    readonly logTail: readonly string[],
  ) {
    super(`relay ${relay} was not ready: ${reason}`);
  }
}

/** A relay specification that names nothing (exit code 2). The message says what would. */
export class UnknownRelayError extends Error {
  override readonly name = 'UnknownRelayError';
}
