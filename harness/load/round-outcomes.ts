import type { ConnectionLoss, Expectation } from '../client/session-context.js';
import { createScenarioChecks, type Judge, type ScenarioChecks } from '../conformance/index.js';
import type { CheckResult } from '../results.js';
import type { Step } from '../scenario/plan.js';
import type { Workload } from '../scenario/workload.js';
import type { RoundReport } from './protocol.js';

type Loss = RoundReport['losses'][number];

/** What sessions report besides figures: their expectations, and connections that they lost. */
export class RoundOutcomes {
  readonly #checks: ScenarioChecks;
  readonly #losses = new Map<string, Loss>();

  constructor(
    workload: Workload,
    private readonly judge: Judge | undefined,
  ) {
    this.#checks = createScenarioChecks(expectedLabels(workload));
  }

  expectation({ step, met, message, connection, subscription }: Expectation): void {
    if (met) {
      this.#checks.passed(step.of);
    } else if (connection === undefined || !this.judge) {
      this.#checks.setAside(step.of);
    } else {
      const excerpt = this.judge.excerpt(connection, subscription);
      this.#checks.failed(step.of, message, { connection, excerpt: () => excerpt });
    }
  }

  connectionLost({ stage, detail }: ConnectionLoss): void {
    const key = `${stage} ${detail}`;
    const count = (this.#losses.get(key)?.count ?? 0) + 1;
    this.#losses.set(key, { stage, detail, count });
  }

  get connectionsLost(): number {
    return this.losses().reduce((sum, { count }) => sum + count, 0);
  }

  losses(): readonly Loss[] {
    return [...this.#losses.values()];
  }

  expectations(): readonly CheckResult[] {
    return this.#checks.results();
  }
}

function expectedLabels(workload: Workload): string[] {
  const labelsOf = (steps: readonly Step[]): string[] =>
    steps.flatMap((step) => {
      if (step.do === 'repeat') return step.iterations.flatMap((iteration) => labelsOf(iteration.steps));
      return step.do === 'expect' ? [step.of] : [];
    });
  return [...new Set(workload.sessions.flatMap((session) => labelsOf(session.steps)))];
}
