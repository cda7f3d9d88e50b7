import type { CheckResult, ExcerptLine } from '../../results.js';
import type { CheckDefinition } from '../checks/check.js';

/** One end of the relay's process that nobody asked for. */
export interface Death {
  /** Ids of the probes that were being played. */
  readonly during: readonly string[];
  /** True when that one probe was played with no other beside it. */
  readonly alone: boolean;
  /** `exit code 1`, `SIGSEGV`. */
  readonly how: string;
  /** Last lines of the process; hostile text. */
  readonly logTail: readonly string[];
}

/** What probes find out together: a check beside them, that the suite itself keeps. */
export const SURVIVAL: CheckDefinition = {
  id: 'transport/process-lives',
  level: 'MUST',
  title: 'The process of the relay lives through all of it',
  requirement: 'Nothing that a client sends ends the process of the relay.',
  reference: 'NIP-01, Communication between clients and relays',
};

/** Ids of mutants that {@link SURVIVAL} must catch. */
export const SURVIVAL_CATCHES = ['process-dies'] as const;
/** The probe that shows them. */
export const SURVIVAL_SHOWN_BY = 'nip01/event/large-content';

/** @param played probes that were played; undefined: the process is not ours to watch */
export function survivalResult(deaths: readonly Death[], played: number | undefined): CheckResult {
  const none = { seen: 0, setAside: 0, failedCases: 0, failures: [] };
  if (played === undefined)
    return { ...SURVIVAL, ...none, result: 'not-tested', note: 'needs a relay that is started by a command' };
  return {
    ...SURVIVAL,
    ...none,
    seen: played,
    result: deaths.length === 0 ? 'passed' : 'failed',
    failedCases: deaths.length,
    failures: deaths.map((death) => ({ message: sentence(death), excerpt: lastWords(death) })),
  };
}

function sentence({ during, alone, how }: Death): string {
  if (during.length === 0) return `the relay's process ended between two probes (${how})`;
  const played = during.join(', ');
  return alone
    ? `the relay's process ended while ${played} ran (${how})`
    : `the relay's process ended while ${played} ran side by side (${how}); one by one none of them ends it`;
}

function lastWords({ logTail }: Death): ExcerptLine[] {
  return logTail.slice(-LINES).map((text) => ({ atMs: 0, direction: 'note', text: `log: ${text}` }));
}

const LINES = 20;
