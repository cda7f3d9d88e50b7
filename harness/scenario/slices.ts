import type { InputProblem } from '../errors.js';
import type { Path } from './override.js';
import type { ParsedScenario, ScenarioPhase } from './schema.js';
import type { Source } from './source.js';
import type { ScriptStep } from './steps.js';

/** Whether the relays of a round take turns, slice by slice. */
export function hasSlices({ phases }: { readonly phases: readonly ScenarioPhase[] }): boolean {
  return phases.some(({ slices }) => slices > 1);
}

/** Why a load can't be shared by processes and played in turns. */
export const ONE_WORKER = 'slices are played by one load worker: another one would differ from it';

/** What doesn't go with slices. */
export function sliceProblems(scenario: ParsedScenario, source: Source): readonly InputProblem[] {
  if (!hasSlices(scenario)) return [];
  const { workers, clients } = scenario;
  const shared: InputProblem[] =
    workers === 1
      ? []
      : [{ message: ONE_WORKER, at: source.at(['workers']), hint: 'leave out either workers or slices' }];
  const http = Object.entries(clients).flatMap(([kind, { script }]) =>
    httpSteps(script, ['clients', kind, 'script']),
  );
  return [
    ...shared,
    ...http.map((at) => ({
      message: 'http load is made by a process of its own, which takes no turns',
      at: source.at(at),
      hint: 'leave out either slices or the http step',
    })),
  ];
}

function httpSteps(script: readonly ScriptStep[], path: Path): readonly Path[] {
  return script.flatMap((step, index): readonly Path[] => {
    const at = [...path, index];
    switch (step.do) {
      case 'http':
        return [at];
      case 'repeat':
      case 'repeat-every':
        return httpSteps(step.steps, [...at, 'repeat', 'do']);
      case 'parallel':
        return step.branches.flatMap((branch, number) => httpSteps(branch, [...at, 'parallel', number]));
      default:
        return [];
    }
  });
}
