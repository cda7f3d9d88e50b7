import { describe, expect, it } from 'vitest';
import { InputError } from '../errors.js';
import { parseScenario } from '../scenario/loader.js';
import { checkGates, type KnownNames } from './check.js';
import { labelSpaceOf } from './label-rules.js';
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

const scenario = parseScenario(
  `
name: a
seed: 1
corpus: { generate: { events: 100 } }
phases:
  - { name: warm-up, arrivals: { closed: { clients: 1 } }, measure: false }
  - { name: steady, arrivals: { closed: { clients: 1 } } }
clients:
  reader:
    script:
      - connect
      - req: { as: profile, filters: [{ kinds: [0] }] }
      - parallel:
          - - wait: 1ms
          - - repeat: { times: 2, do: [{ req: { as: timeline, filters: [{ kinds: [1] }] } }] }
  writer:
    script: [connect, { publish: { as: note } }]
`,
  's.yaml',
);

/** What is wrong with rules over `scenario`, played by the two reference relays. */
function said(rules: readonly string[]): readonly string[] {
  const known = { relays: ['streaming', 'batched'], labels: labelSpaceOf(scenario) };
  return problems(rules, known).map(({ message, hint }) => `${message}: ${hint}`);
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
    expect(said(['streming:req.eose < 1ms'])).toEqual([
      'this run has no relay "streming": the nearest is streaming',
    ]);
    expect(said(['batched:req.eose{req=profile} < 1ms'])).toEqual([]);
  });

  it.each([
    [
      'req.eose{req=profil}',
      'this run has no req "profil" for req.eose: the nearest is profile; the others: timeline',
    ],
    [
      'req.eose{req=note}',
      'this run has no req "note" for req.eose: the nearest is profile; the others: timeline',
    ],
    ['event.ok{req=profile}', 'this run has no req "profile" for event.ok: the nearest is note'],
    [
      'count.latency{req=note}',
      'this run has no req "note" for count.latency: there is no req for count.latency',
    ],
    [
      'connect{client=raeder}',
      'this run has no client "raeder" for connect: the nearest is reader; the others: writer',
    ],
    ['auth{phase=warm-up}', 'this run has no measured phase "warm-up" for auth: the nearest is steady'],
    ['req.eose{req=profile,client=writer}', 'client "writer" has no "profile": it is of reader'],
    ['memory.rss.peak{phase=steady}', 'memory.rss.peak has no labels: write memory.rss.peak'],
  ])('refuses %s, of which nothing can ever be measured', (term, message) => {
    expect(said([`${term} <= baseline + 10%`])).toEqual([message]);
    expect(said([`req.eose < 5ms`, `${term} <= 2 * ${term}`])).toEqual([message, message]);
  });

  it.each([
    'req.eose{req=timeline,client=reader,phase=steady}',
    'lateness{req=note}',
    'refused{client=writer}',
  ])('accepts %s', (term) => {
    expect(said([`${term} <= baseline + 10%`])).toEqual([]);
  });
});
