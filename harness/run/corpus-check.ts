import type { LoadReport } from '../load/protocol.js';
import type { CheckResult } from '../results.js';

const MAX_FAILURES = 20;

/**
 * Whether a relay took in the corpus. Where the scenario publishes it, that is what the scenario asks for; where it is
 * only the way to load a foreign relay, refusing is the relay's right and worth knowing. Silence is not.
 */
export function corpusAccepted(load: LoadReport, isInScenario: boolean): CheckResult {
  const isAskedFor = isInScenario || load.stopped === 'silent';
  const isComplete = load.refused.length === 0;
  return {
    id: 'scenario/corpus/accepted',
    level: isAskedFor ? 'POLICY' : 'INFO',
    title: 'The events of the corpus are accepted',
    requirement: 'Every event of the corpus gets OK true when it is published.',
    reference: 'scenario, corpus.load',
    result: isAskedFor ? (isComplete ? 'passed' : 'failed') : 'observed',
    seen: load.accepted + load.refused.length,
    setAside: 0,
    failedCases: load.refused.length,
    failures: load.refused.slice(0, MAX_FAILURES).map(({ position, reason }) => ({
      message: `event ${position} of the corpus (line ${position + 1}) was refused: ${reason}`,
      excerpt: [],
    })),
  };
}
