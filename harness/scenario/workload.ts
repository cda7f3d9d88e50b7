import type { Filter } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import type { PlannedPhase, Step } from './plan.js';

/** What the oracle says about one filter over the loaded events alone, before anything is published. */
export interface StaticAnswer {
  /** Corpus positions of the matches, newest first, ties by lowest id; cut after `limit` and some slack. */
  readonly newest: readonly number[];
  /** True when `newest` holds every match. */
  readonly complete: boolean;
}

/** A REQ's filters as they go over the wire, and the expected answers. */
export interface WorkloadRequest {
  readonly filters: readonly Filter[];
  /** What stands between the subscription id and the closing bracket: the filters' JSON, comma separated. */
  readonly filtersJson: string;
  /** One for each filter, in order. */
  readonly answers: readonly StaticAnswer[];
}

export interface WorkloadPublish {
  readonly event: NostrEvent;
  /** `event` as it is sent, without the envelope. */
  readonly json: string;
}

export interface WorkloadSession {
  readonly client: string;
  readonly phase: number;
  readonly startUs: number;
  /** Secret key of the session's identity, hex; signs AUTH. */
  readonly secretKey: string;
  readonly steps: readonly Step[];
}

/** A plan made concrete: everything a load worker needs, as one JSON file. */
export interface Workload {
  readonly planFingerprint: string;
  /** JSONL of the corpus; positions are 0-based line numbers. */
  readonly corpusFile: string;
  readonly phases: readonly PlannedPhase[];
  readonly requests: readonly WorkloadRequest[];
  readonly publishes: readonly WorkloadPublish[];
  readonly sessions: readonly WorkloadSession[];
}
