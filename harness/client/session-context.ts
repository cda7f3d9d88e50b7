import type { NostrEvent } from 'nostr-tools/pure';
import type { HttpOrder, HttpReport } from '../load/http/order.js';
import type { MetricNameOf } from '../measure/catalogue.js';
import type { Step } from '../scenario/plan.js';
import type { Workload } from '../scenario/workload.js';
import type { ClientConnection, WireListener } from './connection.js';
import type { FrameReader } from './frame.js';

/** Where a session's figures go. A sample belongs to the phase that was running when it was due. */
export interface SampleSink {
  sample(
    metric: MetricNameOf<'distribution'>,
    durationNs: number,
    dueNs: number,
    client: string,
    req?: string,
  ): void;
  count(metric: MetricNameOf<'count'>, dueNs: number, client: string, req?: string): void;
  /** HTTP load of a step that was due at `dueNs` has ended at `endNs`. */
  http(report: HttpReport, dueNs: number, endNs: number, client: string, req: string): void;
  /** A message arrived; only counted inside the measured window. */
  received(isEvent: boolean, bytes: number): void;
}

/** Outcome of an `expect` step. */
export interface Expectation {
  readonly step: Extract<Step, { do: 'expect' }>;
  readonly met: boolean;
  /** What was expected and what came, in words; hostile text where a relay's reason is quoted. */
  readonly message: string;
  readonly connection: number | undefined;
  readonly subscription: string;
}

/** A connection that the relay refused or ended; `detail` is hostile text. */
export interface ConnectionLoss {
  readonly client: string;
  readonly stage: 'connect' | 'open';
  readonly detail: string;
}

/** What an AUTH event is made of (NIP-42). */
export interface AuthTemplate {
  readonly challenge: string;
  readonly relayUrl: string;
  /** Hex. */
  readonly secretKey: string;
  readonly createdAtS: number;
}

/** When the publishes of a round were due, by their index; what delivery latency counts from. */
export interface DeliveryTimes {
  due(publish: number, dueNs: number): void;
  /** Undefined while it is not due yet, or another process has yet to say when it was. */
  of(publish: number): number | undefined;
  /** Calls back as soon as that has been said. */
  whenKnown(publish: number, arrived: (dueNs: number) => void): void;
}

/** What all sessions of a round share. Time and network come in here. */
export interface SessionContext {
  readonly workload: Workload;
  readonly url: string;
  /** The address that AUTH events name. */
  readonly authUrl: string;
  /** Addresses that connections come from in turn; empty: whichever the system takes. */
  readonly sourceAddresses: readonly string[];
  readonly clock: () => number;
  /** Resolves at a due time with true, or with false as soon as the round is over. */
  readonly at: (dueNs: number) => Promise<boolean>;
  /** Unix time in ms, for AUTH alone. */
  readonly wallClockMs: () => number;
  readonly reader: FrameReader;
  readonly wire: WireListener;
  readonly samples: SampleSink;
  /** A number for a connection, unique in the round. */
  readonly nextConnection: () => number;
  /** Whether the judge waits for a live event or an OK on a connection: then it stays open until the end of the round. */
  readonly isOwed: (connection: number) => boolean;
  /** Told of each connection once it is open. */
  readonly connectionOpened: (connection: ClientConnection) => void;
  /** Index of the workload's first publish among the known events. */
  readonly publishBase: number;
  readonly deliveryTimes: DeliveryTimes;
  /** False when the relay is attached: publish steps are left out. */
  readonly writable: boolean;
  /** Makes HTTP load against the relay; undefined where nobody can. */
  readonly http?: ((order: Omit<HttpOrder, 'url'>) => Promise<HttpReport>) | undefined;
  readonly signAuth: (template: AuthTemplate) => NostrEvent;
  readonly expectation: (outcome: Expectation) => void;
  readonly connectionLost: (loss: ConnectionLoss) => void;
}
