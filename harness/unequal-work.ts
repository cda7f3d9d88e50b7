import { selectMetric } from './measure/assemble.js';
import { type RelayResult, wrongAnswerCount } from './results.js';

/**
 * Relays are compared on speed only where they did the same work: the same answers, as much refused and lost, as many
 * connections ended a round, for the two may be of different runs. Says what differs, in a sentence, or undefined.
 */
export function unequalWork(a: RelayResult, b: RelayResult): string | undefined {
  const [ofA, ofB] = [work(a), work(b)];
  return (
    wrongAnswers(ofA) ??
    wrongAnswers(ofB) ??
    unknownAnswers(ofA) ??
    unknownAnswers(ofB) ??
    othersEvents(ofA) ??
    othersEvents(ofB) ??
    differs(ofA, ofB, 'refused', 'messages refused') ??
    differs(ofA, ofB, 'lost', 'answers lost') ??
    differs(ofA, ofB, 'connectionsLost', 'connections refused or ended')
  );
}

interface Work {
  readonly relay: string;
  readonly judged: number;
  readonly unequal: number;
  /** Right answers that held events of others beside it. */
  readonly foreign: number;
  /** REQs that got their EOSE in the measured window. */
  readonly answered: number;
  readonly refused: number;
  readonly lost: number;
  readonly connectionsLost: number;
  /** Rounds that it played, one at least. */
  readonly rounds: number;
}

const NO_WORK: NonNullable<RelayResult['work']> = { judged: 0, equal: 0, connectionsLost: 0 };

function work(relay: RelayResult): Work {
  const count = (metric: string): number => selectMetric(relay.metrics, metric)?.count ?? 0;
  const done = relay.work ?? NO_WORK;
  const { judged, foreign = 0, connectionsLost } = done;
  return {
    relay: relay.name,
    judged,
    unequal: wrongAnswerCount(done),
    foreign,
    answered: count('req.eose'),
    refused: count('refused'),
    lost: count('lost'),
    connectionsLost,
    rounds: Math.max(1, ...relay.metrics.map(({ perRound }) => perRound.length)),
  };
}

function wrongAnswers({ relay, judged, unequal }: Work): string | undefined {
  if (unequal === 0) return undefined;
  return `${unequal} of the ${judged} answers of ${relay} that could be judged are not what the oracle expects; the speed of wrong answers is not compared`;
}

/** Of a relay that nobody loaded, no answer can be judged. */
function unknownAnswers({ relay, judged, answered }: Work): string | undefined {
  if (judged > 0 || answered === 0) return undefined;
  return `what ${relay} should answer is unknown, and only the speed of right answers is compared`;
}

/** A relay that others write to gives more than it was loaded with, where a filter names no author of the run. */
function othersEvents({ relay, judged, foreign }: Work): string | undefined {
  if (foreign === 0) return undefined;
  return `unequal work: ${foreign} of the ${judged} answers of ${relay} that could be judged hold events of others too; filters that name authors of the run ask for none`;
}

function differs(
  a: Work,
  b: Work,
  figure: 'refused' | 'lost' | 'connectionsLost',
  words: string,
): string | undefined {
  if (a[figure] * b.rounds === b[figure] * a.rounds) return undefined;
  const told = (one: Work): string =>
    a.rounds === b.rounds
      ? `${one.relay} ${one[figure]}`
      : `${one.relay} ${one[figure]} in ${one.rounds} rounds`;
  return `unequal work: ${words}: ${told(a)}, ${told(b)}`;
}
