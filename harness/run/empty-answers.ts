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

/** What of a corpus the options of a run decide. */
interface CorpusChoice {
  readonly seed: number;
  readonly epochS: number;
}

/** How the corpus of a run gets into a relay that is running. */
export function howToLoad({ corpus }: Scenario, { seed, epochS }: CorpusChoice): string {
  if ('file' in corpus) return `load it with ${corpus.file}`;
  const { events, authors } = corpus.generate;
  const epoch = new Date(epochS * 1000).toISOString().slice(0, 10);
  return `load it with what this writes: reqbench corpus generate --events ${events} --authors ${authors} --seed ${seed} --epoch ${epoch} --out corpus.jsonl`;
}

/**
 * Warns of a relay that answered every REQ with nothing where the corpus has matches: nothing is fast, and breaks no MUST.
 * Of an attached relay nobody knows what it holds; of any other, answers that the oracle does not expect prove it.
 */
export function emptyAnswers(
  { name, target, work, metrics }: Pick<RelayResult, 'name' | 'target' | 'work' | 'metrics'>,
  loading: string,
): Warning[] {
  const answered = selectMetric(metrics, 'req.eose')?.count ?? 0;
  const withEvents = selectMetric(metrics, 'req.ttfe')?.count ?? 0;
  if (answered === 0 || withEvents > 0) return [];
  const isAttached = target.kind === 'attached';
  if (!isAttached && (!work || work.judged === work.equal)) return [];
  const cause = isAttached
    ? `it seems to hold nothing of the corpus; ${loading}`
    : 'does it keep and serve what it accepts?';
  return [
    {
      code: 'empty-answers',
      text: `${name} answered ${answered} REQs and sent no event, although the corpus has matches: its times are those of empty answers; ${cause}`,
      spoils: [name],
    },
  ];
}
