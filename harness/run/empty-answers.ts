import { selectMetric } from '../measure/assemble.js';
import type { RelayResult, Warning } from '../results.js';
import type { Scenario } from '../scenario/loader.js';
import type { Workload } from '../scenario/workload.js';

/** Whether the oracle expects a stored event in answer to any of the REQs. */
export function expectsEvents({ requests }: Pick<Workload, 'requests'>): boolean {
  return requests.some(({ filters, answers }) =>
    answers.some(({ newest }, index) => newest.length > 0 && filters[index]?.limit !== 0),
  );
}

/** How the corpus of a run gets into a relay that is running. */
export function howToLoad({ corpus }: Scenario): string {
  return 'file' in corpus ? `load it with ${corpus.file} first` : 'run with --load, which writes it there';
}

/**
 * Warns of a relay that answered every REQ with nothing where the corpus has matches: nothing is fast, and breaks no MUST.
 * Of a relay that nobody loaded it is not known what it holds; of any other, answers that the oracle does not expect prove it.
 */
export function emptyAnswers(
  {
    name,
    target,
    loaded,
    work,
    metrics,
  }: Pick<RelayResult, 'name' | 'target' | 'loaded' | 'work' | 'metrics'>,
  loading: string,
): Warning[] {
  const answered = selectMetric(metrics, 'req.eose')?.count ?? 0;
  const withEvents = selectMetric(metrics, 'req.ttfe')?.count ?? 0;
  if (answered === 0 || withEvents > 0) return [];
  const isUnknown = target.kind === 'attached' && !loaded;
  if (!isUnknown && (!work || work.judged === work.equal)) return [];
  const cause = isUnknown
    ? `it seems to hold nothing of the corpus; ${loading}`
    : 'does it keep and serve what it accepts?';
  return [
    {
      code: 'empty-answers',
      text: `${name} sent no event in answer to ${answered} REQs, although the corpus has matches: its times are those of empty answers; ${cause}`,
      spoils: [name],
    },
  ];
}
