import { describe, expect, it } from 'vitest';
import { InputError } from '../errors.js';
import { checkGates, type KnownNames } from './check.js';
import { parseGate } from './parse.js';

const at = { file: 's.yaml', line: 9, column: 5 };

function problems(texts: readonly string[], known?: KnownNames) {
  try {
    checkGates(
      texts.map((text) => ({ rule: parseGate(text), at })),
      known,
    );
    return [];
  } catch (error) {
    if (error instanceof InputError) return error.problems;
    throw error;
  }
}

describe('checkGates', () => {
  it('accepts absolute rules', () => {
    expect(problems(['req.eose.p50 < 1ms', 'lost = 0'])).toEqual([]);
  });

  it('refuses rules that can not be evaluated yet, each at its bound', () => {
    const found = problems([
      'batched:req.eose <= 1.5 * streaming:req.eose',
      'req.eose < 1ms',
      'req.ttfe <= baseline + 10%',
    ]);
    expect(found.map((problem) => [problem.at, problem.message])).toEqual([
      [
        { ...at, column: 5 + 20 },
        'the gate "batched:req.eose <= 1.5 * streaming:req.eose" holds a figure against another figure, which this version can\'t evaluate',
      ],
      [
        { ...at, column: 5 + 12 },
        'the gate "req.ttfe <= baseline + 10%" holds a figure against a baseline, which this version can\'t evaluate',
      ],
    ]);
    expect(found[0]?.hint).toContain('write a value');
  });

  it('refuses names that the run does not have, with the nearest that it has', () => {
    const known = {
      relays: ['streaming', 'batched'],
      clients: ['reader'],
      requests: ['timeline', 'profile'],
      phases: [],
    };
    expect(
      problems(['streming:req.eose{req=timelin,client=reader} < 1ms', 'req.eose{phase=a} < 1ms'], known).map(
        ({ message, hint }) => `${message}: ${hint}`,
      ),
    ).toEqual([
      'this run has no relay "streming": the nearest is streaming',
      'this run has no req "timelin": the nearest is timeline',
      'this run has no phase "a": there is no phase',
    ]);
    expect(problems(['batched:req.eose{req=profile} < 1ms'], known)).toEqual([]);
  });
});
