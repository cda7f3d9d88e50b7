import { InputError, type InputProblem } from '../errors.js';
import type { CorpusIndex } from './corpus-index.js';
import type { TemplateValue } from './filters.js';
import type { GeneratorName } from './generators.js';
import type { Scenario } from './loader.js';
import type { ScriptStep } from './steps.js';

/**
 * Refuses scenarios that draw what the corpus doesn't have: an empty list in a filter would ask something else.
 * @throws {InputError} naming client, generator and what is missing
 */
export function requireDrawable(scenario: Scenario, index: CorpusIndex): void {
  const lacking = new Map<GeneratorName, string>();
  const needs = (empty: boolean, what: string, names: readonly GeneratorName[]): void => {
    if (empty) for (const name of names) lacking.set(name, what);
  };
  needs(index.authors.ranking.length === 0, 'events', ['author', 'authors', 'follows']);
  needs(index.events.ranking.length === 0, 'regular events', ['id', 'ids']);
  needs(index.threads.ranking.length === 0, 'events that others reply to', ['thread']);
  needs(index.hashtags.ranking.length === 0, 'events with a t tag', ['hashtag', 'hashtags']);
  const problems = Object.entries(scenario.clients).flatMap(([client, { script }]) => {
    const used = new Set(script.flatMap(generatorsIn));
    return [...used].flatMap((name): readonly InputProblem[] => {
      const what = lacking.get(name);
      if (what === undefined) return [];
      return [
        {
          message: `client "${client}" draws $${name}, but the corpus has no ${what}`,
          at: { file: scenario.file },
          hint: 'take that REQ or tag out, or use other events',
        },
      ];
    });
  });
  const [first, ...rest] = problems;
  if (first) throw new InputError([first, ...rest]);
}

function generatorsIn(step: ScriptStep): readonly GeneratorName[] {
  switch (step.do) {
    case 'req':
    case 'count':
      return step.filters.flatMap((filter) => Object.values(filter.lists).flatMap(generatorNames));
    case 'publish':
      return step.tags.flatMap(generatorNames);
    case 'repeat':
    case 'repeat-every':
      return step.steps.flatMap(generatorsIn);
    case 'parallel':
      return step.branches.flat().flatMap(generatorsIn);
    default:
      return [];
  }
}

function generatorNames(values: readonly TemplateValue[]): readonly GeneratorName[] {
  return values.flatMap((value) => (typeof value === 'object' ? [value.draw] : []));
}
