import type { AccessMode } from '../../relays/relay.js';
import type { JudgeReport } from '../conformance/judge.js';
import type { RecordedMetric } from '../measure/recorder.js';
import type { CheckResult } from '../results.js';
import type { TraceHeader, TraceSummary } from '../trace/index.js';
import type { PeerNews } from './peers.js';
import type { Share } from './share.js';

/**
 * What a load worker is asked to do. Plain data, sent over IPC. It does one thing at a time, but for rounds that take turns, of
 * which there can be one of each relay.
 */
export type WorkerOrder =
  | { readonly type: 'workload'; readonly file: string }
  | { readonly type: 'load-corpus'; readonly order: LoadOrder }
  | { readonly type: 'round'; readonly order: RoundOrder }
  /** All workers of the round have come to the point that they meet at, the last of them at `atNs`. */
  | { readonly type: 'met'; readonly point: string; readonly atNs: number }
  /** What another worker of the round told; `from` is its index. */
  | { readonly type: 'news'; readonly from: number; readonly news: PeerNews }
  /** The turn that this relay's round has asked for begins. */
  | { readonly type: 'turn'; readonly relay: string }
  /** End the round or the loading of this relay, if one is under way: the relay is gone, or the run was interrupted. */
  | { readonly type: 'abort'; readonly relay: string };

/** What a load worker says. Orders that are work are answered by their `done` or by `failed`. */
export type WorkerMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'workload-done' }
  | { readonly type: 'load-corpus-done'; readonly report: LoadReport }
  | { readonly type: 'round-done'; readonly relay: string; readonly report: RoundReport }
  /** The measured window of a round opens or closes now; of one that takes turns, its turns say so. */
  | { readonly type: 'window'; readonly relay: string; readonly open: boolean }
  /** A round waits for its turn, which is then answered by `turn`. */
  | { readonly type: 'turn'; readonly relay: string; readonly turn: number }
  /** A round's turn is over. */
  | { readonly type: 'pass'; readonly relay: string }
  /** It has come to a point where it waits for the other workers of its round. */
  | { readonly type: 'meet'; readonly point: string; readonly atNs: number }
  | { readonly type: 'news'; readonly news: PeerNews }
  | { readonly type: 'progress'; readonly relay: string; readonly progress: RoundProgress }
  | {
      readonly type: 'failed';
      /** Whose round it was; undefined: other work. */
      readonly relay: string | undefined;
      readonly message: string;
      readonly stack: string | undefined;
      /** What the user has to change; undefined: the harness itself has failed. */
      readonly hint: string | undefined;
    };

/** Publish the corpus over EVENT. */
export interface LoadOrder {
  readonly relay: string;
  readonly url: string;
  /** How many EVENTs may wait for their OK. */
  readonly inFlight: number;
  /** Give up when no OK came for so long, in ms. */
  readonly silenceMs: number;
  /** Give up when the first so many EVENTs were all refused; undefined: go on to the end. */
  readonly refusalsToGiveUp?: number | undefined;
  /** Authenticate when refused with `auth-required:`. */
  readonly secretKey: string;
  /** The address that its AUTH expects; undefined: `url`. */
  readonly authUrl?: string | undefined;
}

export interface LoadReport {
  readonly accepted: number;
  /** Corpus positions that were not accepted, with the relay's words (hostile) or why none came; all of them. */
  readonly refused: readonly { readonly position: number; readonly reason: string }[];
  /** Why it was given up before the end; undefined: every EVENT got its OK. */
  readonly stopped: 'silent' | 'disconnected' | 'refused' | 'interrupted' | undefined;
  readonly durationMs: number;
}

export interface RoundOrder {
  /** Unique in the run; rounds are told apart by it. */
  readonly relay: string;
  readonly url: string;
  /** The address that its AUTH expects; undefined: `url`. */
  readonly authUrl?: string | undefined;
  /** Addresses of this machine that connections come from in turn; undefined: whichever the system takes. */
  readonly sourceAddresses?: readonly string[] | undefined;
  /** False for the floor: its answers are not judged. */
  readonly judged: boolean;
  readonly writable: boolean;
  readonly access: AccessMode;
  /** Public keys of admins and owners; undefined: not known, as of a relay whose settings are not the run's. */
  readonly admins?: readonly string[] | undefined;
  readonly supportedNips: readonly number[];
  readonly deadlineMs: number;
  /** Corpus positions that the relay refused to load. */
  readonly notLoaded: readonly number[];
  /** False: nobody loaded the relay (attached), so what it should answer is unknown. */
  readonly holdingsKnown: boolean;
  /** Others write to the relay too (attached): it may hold events that are not of the run. */
  readonly shared: boolean;
  /** SHOULD failures count as failed. */
  readonly strict: boolean;
  /** Where the messages of the round are written down; undefined: nowhere. */
  readonly trace?: TraceOrder | undefined;
  /** Of several workers, what this one plays; undefined: everything. */
  readonly share?: Share | undefined;
  /** Every phase, and what is done after the last, waits for its turn among the rounds of other relays. */
  readonly inTurns?: boolean | undefined;
}

export interface TraceOrder {
  readonly file: string;
  readonly header: TraceHeader;
  /** The stamp that counts as 0 ms; undefined: when the order comes. */
  readonly startNs?: number | undefined;
}

export interface RoundProgress {
  readonly phase: string;
  /** Since the phase began. */
  readonly elapsedMs: number;
  /** How long the phase is; undefined where it ends when its clients do. */
  readonly ofMs: number | undefined;
  /** REQs answered so far. */
  readonly requests: number;
  /** Connections that the relay refused or ended so far. */
  readonly failed: number;
}

/** When a phase ran; `nowNs()` stamps. */
export interface PhaseSpan {
  readonly name: string;
  readonly measured: boolean;
  readonly startNs: number;
  readonly endNs: number;
}

export interface GeneratorSample {
  /** Share of the window that the event loop was busy with something other than waiting for due times. */
  readonly busyShare: number;
  /** CPU seconds a second, user and system, without the time spent polling for due times. */
  readonly cpu: number;
  /** Without the resolution of the timer that measured it. */
  readonly eventLoopDelayMs: {
    readonly count: number;
    readonly p50: number;
    readonly p99: number;
    readonly max: number;
  };
}

/** What one of several workers was in a round. */
export interface WorkerReport {
  readonly pid: number;
  readonly generator: GeneratorSample | undefined;
  /** How late it sent, by labels. */
  readonly lateness: readonly RecordedMetric[];
}

export interface RoundReport {
  readonly phases: readonly PhaseSpan[];
  readonly metrics: readonly RecordedMetric[];
  /** Undefined for the floor. */
  readonly judge: JudgeReport | undefined;
  /** Outcomes of the scenario's own `expect` steps. */
  readonly expectations: readonly CheckResult[];
  /** Connections that the relay refused or ended, by stage and detail (hostile). */
  readonly losses: readonly {
    readonly stage: 'connect' | 'open';
    readonly detail: string;
    readonly count: number;
  }[];
  /** Undefined when nothing was measured, or several workers were at it. */
  readonly generator: GeneratorSample | undefined;
  /** Of several workers, in the order of their shares. */
  readonly workers?: readonly WorkerReport[] | undefined;
  readonly aborted: boolean;
  /** What became of the trace; undefined: none was asked for. */
  readonly trace?: TraceSummary | undefined;
}
