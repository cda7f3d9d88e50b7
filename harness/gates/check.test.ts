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

  it('accepts rules between relays, and against a baseline where there is one', () => {
    const rules = ['batched:req.eose <= 1.5 * streaming:req.eose', 'req.ttfe <= baseline + 10%'];
    expect(problems(rules, { baseline: true })).toEqual([]);
    expect(problems(rules, { baseline: false })).toEqual([
      {
        message: 'the gate "req.ttfe <= baseline + 10%" needs a baseline',
        at: { ...at, column: 5 + 12 },
        hint: 'give the results.json of an earlier run: --baseline FILE',
      },
    ]);
  });

  it.each([
    [['req.eose < 5ms', 'req.eose > 10ms'], true],
    [['req.eose < 5ms', 'req.eose >= 5ms'], true],
    [['lost = 0', 'lost > 0'], true],
    [['lost = 0', 'lost = 1'], true],
    [['req.eose > 10ms', 'mine:req.eose < 5ms'], true],
    [['req.eose <= 5ms', 'req.eose >= 5ms'], false],
    [['req.eose > 5ms', 'req.eose < 10ms'], false],
    [['a:req.eose > 10ms', 'b:req.eose < 5ms'], false],
    [['req.eose.p99 > 10ms', 'req.eose < 5ms'], false],
    [['req.eose{req=a} > 10ms', 'req.eose < 5ms'], false],
  ])('%j contradict each other: %s', (rules, contradict) => {
    const messages = problems(rules).map(({ message }) => message);
    expect(messages).toEqual(
      contradict ? [`the gate "${rules[1]}" contradicts "${rules[0]}" in line 9`] : [],
    );
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
