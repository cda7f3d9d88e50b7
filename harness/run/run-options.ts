import type { Relay } from '../../relays/relay.js';
import type { Calibration } from '../calibrate/calibration.js';
import type { KnownFailures } from '../conformance/conform-known-failures.js';
import type { GateRule } from '../gates/parse.js';
import type { Results } from '../results.js';
import type { Scenario } from '../scenario/loader.js';
import type { ComparedFigure } from '../stats/compare.js';
import type { RunWatch } from './run-watch.js';

export interface RunOptions {
  readonly scenario: Scenario;
  /** Where it comes from, as results name it. */
  readonly source?: ScenarioSource | undefined;
  /** In the order of results; the null relay among them unless it is left out. Names are unique. */
  readonly relays: readonly Relay[];
  readonly seed: number;
  readonly epochS: number;
  /** Attached relays are loaded: the corpus is signed with keys of this run alone, derived from the seed and this. */
  readonly keyNonce?: string | undefined;
  /** How many; with `budgetMs`, the most. */
  readonly rounds: number;
  /** What the run may take; given, it ends as soon as its gates, or else its comparisons, are decided. */
  readonly budgetMs?: number | undefined;
  readonly compare: readonly ComparedFigure[];
  readonly gates: readonly GateRule[];
  /** Results of an earlier run, for rules against a baseline, and the file that they come from. */
  readonly baseline?: { readonly results: Results; readonly file: string } | undefined;
  /** What was calibrated on this machine; null: nothing. Undefined: nobody looked. */
  readonly calibration?: Calibration | null | undefined;
  /** SHOULD failures count as failed checks. */
  readonly strict: boolean;
  /** Failed checks that gates and exit code leave out. */
  readonly knownFailures?: KnownFailures | undefined;
  /** False: answers are not checked, which shows what checking costs; then nothing is known of them. Default true. */
  readonly checked?: boolean | undefined;
  /** Processes that share the load; default 1. */
  readonly workers?: number | undefined;
  /** Folder for a trace of every relay and round; undefined: none is written. */
  readonly traceDir?: string | undefined;
  readonly cacheDir: string;
  readonly signal: AbortSignal;
  readonly watch: RunWatch;
}

/** One round as results record it. */
export interface RoundRecord {
  readonly round: number;
  order: string[];
  readonly pids: Record<string, number | null>;
} /** The file of a scenario, and what was set otherwise than in it. */
export type ScenarioSource = Required<Pick<Results['scenario'], 'file' | 'overrides' | 'gates'>>;
