import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatProblem, InputError } from '../errors.js';
import { loadScenario, parseScenario } from './loader.js';

const VALID = `name: small
corpus: { generate: { events: 100 } }
phases:
  - { name: steady, duration: 1s, arrivals: { poisson: 20/s } }
clients:
  reader:
    script:
      - connect
      - req: { as: timeline, filters: [{ kinds: [1], authors: [$me, $follows(3)], since: $epoch-7d }] }
      - disconnect
`;

function problems(text: string, set: readonly string[] = []): readonly string[] {
  try {
    parseScenario(text, 's.yaml', { set });
  } catch (error) {
    if (error instanceof InputError) return error.problems.map(formatProblem);
    throw error;
  }
  return [];
}

test.each(['', '\n\n', '# later\n', '---\n'])('a scenario of nothing is called empty: %j', (text) => {
  const said = problems(text, ['seed=3']);
  expect(said).toEqual([
    expect.stringMatching(/^s\.yaml: the scenario is empty\n {2}docs\/scenarios\.md has one/),
  ]);
});

test('a scenario comes with every default filled in', () => {
  const scenario = parseScenario(VALID, 's.yaml');
  expect(scenario).toMatchObject({
    name: 'small',
    seed: 1,
    corpus: { generate: { events: 100, authors: 10 }, load: 'preload' },
    relay: {},
    phases: [{ name: 'steady', durationMs: 1000, measure: true, arrivals: { process: 'poisson', perS: 20 } }],
    deadlineMs: 5000,
    rounds: undefined,
    gates: [],
  });
  expect(scenario.compare).toEqual([{ text: 'req.ttfe.p50' }, { text: 'req.eose.p50' }]);
  expect(scenario.clients.reader?.script[1]).toMatchObject({
    do: 'req',
    as: 'timeline',
    await: 'eose',
    filters: [
      {
        lists: {
          kinds: [1],
          authors: [
            { draw: 'me', count: 1 },
            { draw: 'follows', count: 3 },
          ],
        },
        since: { from: 'epoch', plusS: -604800 },
      },
    ],
  });
  expect(scenario.clients.reader?.script[1]).toHaveProperty('then', 'close');
});

test('rounds are left to the run, which knows its relays, unless they are given', () => {
  expect(parseScenario(VALID, 's.yaml').rounds).toBeUndefined();
  expect(parseScenario(VALID, 's.yaml', { set: ['rounds=2'] }).rounds).toBe(2);
});

test('gates and comparisons keep their places', () => {
  const { gates } = parseScenario(`${VALID}gates:\n  - lost = 0\n`, 's.yaml');
  expect(gates).toEqual([{ text: 'lost = 0', at: { file: 's.yaml', line: 12, column: 5 } }]);
});

test('every step has its long form, and short forms mean the defaults', () => {
  const script = `      - connect: {}
      - auth: { within: 200ms }
      - auth
      - req: { filters: [{ '#t': $hashtag, limit: 0 }], await: none, then: keep, subscription: x }
      - publish: { kind: 7, content: +, tags: [[e, $id], [p, $author]], await: none }
      - publish
      - expect: { within: 1s, events: 3 }
      - wait: 1.5m
      - repeat: { times: 2, do: [publish] }
      - repeat: { every: { constant: 2/s }, for: 2s, do: [publish] }
      - think: 2s
      - think: { from: 1s, to: 3s }
      - slow-read: 64kB/s
      - slow-read: stop
      - parallel: [[publish], [publish]]
      - reconnect
      - close
      - disconnect:`;
  const text = VALID.slice(0, VALID.indexOf('      - connect')) + script;
  const steps = parseScenario(text, 's.yaml').clients.reader?.script;
  expect(steps?.map((step) => step.do)).toEqual(
    'connect auth auth req publish publish expect wait repeat repeat-every think think slow-read slow-read parallel reconnect close disconnect'.split(
      ' ',
    ),
  );
  expect(steps?.[2]).toEqual({ do: 'auth', withinMs: 0 });
  expect(steps?.[3]).toMatchObject({
    filters: [{ lists: { '#t': [{ draw: 'hashtag', count: 1 }] }, limit: 0 }],
  });
  expect(steps?.[4]).toMatchObject({
    tags: [
      ['e', { draw: 'id' }],
      ['p', { draw: 'author' }],
    ],
    await: 'none',
  });
  expect(steps?.[5]).toMatchObject({ as: 'publish', kind: 1, await: 'ok' });
  expect(steps?.[6]).toMatchObject({ of: 'req', withinMs: 1000, events: 3 });
  expect(steps?.[7]).toEqual({ do: 'wait', ms: 90_000 });
  expect(steps?.[9]).toMatchObject({ arrivals: { process: 'constant', perS: 2 }, forMs: 2000 });
  expect(steps?.slice(10, 14)).toEqual([
    { do: 'think', pause: { spread: 'exponential', meanMs: 2_000 } },
    { do: 'think', pause: { spread: 'uniform', fromMs: 1_000, toMs: 3_000 } },
    { do: 'slow-read', rate: 64_000 },
    { do: 'slow-read', rate: 0 },
  ]);
});

describe('what is wrong is told with line and column', () => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    ['a YAML error', 'seed: [1', '', 's.yaml:12:1: not YAML: Flow sequence in block collection'],
    [
      'a key given twice',
      'name: again',
      '',
      's.yaml:11:1: not YAML: Map keys must be unique\n  keep one of them',
    ],
    ['an unknown key', 'sede: 3', '', 's.yaml:11:1: unknown key "sede"\n  did you mean "seed"?'],
    [
      'an unknown short step',
      '- connect',
      '- conect',
      's.yaml:8:9: unknown step "conect"\n  did you mean "connect"?',
    ],
    ['an unknown long step', 'req:', 'rq:', 's.yaml:9:9: unknown key "rq" in script\n  did you mean "req"?'],
    [
      'an unknown key of a step',
      'filters:',
      'fliters:',
      's.yaml:9:30: unknown key "fliters" in req\n  did you mean "filters"?',
    ],
    [
      'a filter key that is none',
      'kinds:',
      'kind:',
      's.yaml:9:42: unknown key "kind" in filters\n  did you mean "kinds"?',
    ],
    [
      'a bad duration',
      '1s',
      '1sec',
      's.yaml:4:31: duration: "1sec" is no duration; write 500ms, 2s, 1.5m or 1h',
    ],
    [
      'a duration without unit',
      '1s',
      '1',
      's.yaml:4:31: duration: expected a string, got 1\n  write the unit too: 500ms, 2s, 1m',
    ],
    [
      'a bad rate',
      '20/s',
      '20',
      's.yaml:4:56: poisson: expected a string, got 20\n  write it as a rate: 20/s',
    ],
    ['a missing key', 'name: small', 'seed: 2', 's.yaml:1:1: missing key "name"'],
    [
      'two alternatives at once',
      'poisson: 20/s',
      'poisson: 20/s, constant: 1/s',
      's.yaml:4:45: arrivals: only one of constant, poisson can be given',
    ],
    [
      'an open phase without duration',
      'duration: 1s, ',
      '',
      's.yaml:4:5: missing key "duration" in phase "steady"\n  only closed arrivals can do without: duration: 10s',
    ],
    [
      'an unknown client in a phase',
      'duration: 1s',
      'duration: 1s, clients: [raeder]',
      's.yaml:4:45: unknown client "raeder" in phase "steady"\n  did you mean "reader"?',
    ],
    [
      'an expectation of an unknown label',
      '- disconnect',
      '- expect: { of: timelime, events: 1 }',
      's.yaml:10:23: no earlier req has the label "timelime"\n  did you mean "timeline"?',
    ],
    [
      'a step without a connection',
      '- connect',
      '- wait: 1s',
      's.yaml:9:9: req without a connection\n  put a connect step before it',
    ],
    [
      'an unknown generator',
      '$follows(3)',
      '$folows(3)',
      's.yaml:9:69: authors: unknown generator "$folows(3)"; did you mean "$follows"?',
    ],
    [
      'a generator without its count',
      '$follows(3)',
      '$follows',
      's.yaml:9:69: authors: $follows needs a count, as in $follows(10)',
    ],
    [
      'a generator of another sort',
      '$me,',
      '$id,',
      's.yaml:9:64: authors: $id gives a value of another sort; what fits here: $me, $author, $authors, $follows',
    ],
    [
      'a time that is none',
      '$epoch-7d',
      '$epoch-7',
      's.yaml:9:90: since: "$epoch-7" is no time; write unix seconds, $epoch, $epoch-7d, $epoch+1h or $now',
    ],
  ];
  test.each(cases)('%s', (_name, from, to, expected) => {
    const text = to === '' && !VALID.includes(from) ? `${VALID}${from}\n` : VALID.replace(from, to);
    expect(problems(text)[0]).toContain(expected);
  });

  test('all problems of a file at once, in its order', () => {
    const text = VALID.replace('1s', '1x').replace('- connect', '- conect').replace('kinds', 'knids');
    expect(problems(text).map((line) => line.split(' ')[0])).toEqual([
      's.yaml:4:31:',
      's.yaml:8:9:',
      's.yaml:9:42:',
    ]);
  });

  test('steps that share a connection cannot take it from each other', () => {
    const text = (step: string) => VALID.replace('      - disconnect', `      - ${step}\n      - disconnect`);
    expect(problems(text('parallel: [[reconnect], [publish]]'))[0]).toContain(
      "reconnect can't be in a branch of parallel",
    );
    expect(problems(text('repeat: { every: { constant: 1/s }, for: 1s, do: [reconnect] }'))[0]).toContain(
      "reconnect can't be repeated on a schedule",
    );
    expect(problems(text('think: { from: 2s, to: 1s }'))[0]).toContain('`from` has to be shorter than `to`');
    expect(problems(text('slow-read: 3'))[0]).toContain('slow-read');
    expect(problems(text('raw: { frame: binary }'))[0]).toContain('one of text, base64 is needed');
    expect(problems(text("raw: { text: '[', base64: '' }"))[0]).toContain('only one of text, base64');
    expect(problems(text('raw: { base64: /w }'))[0]).toContain('AP8= stands for the bytes 00 ff');
    expect(problems(text('raw: { txt: hello }'))[0]).toContain('unknown key "txt"');
    expect(problems(text('raw: { text: hello, frame: ping }'))[0]).toContain('ping');
    expect(problems(VALID.replace('- connect', '- raw: hello'))[0]).toContain('raw without a connection');
  });

  test('inside a repeat too', () => {
    const text = VALID.replace('- disconnect', '- repeat: { times: 2, do: [wiat: 2s, { wait: 2 }] }');
    expect(problems(text)).toEqual([
      's.yaml:10:34: unknown key "wiat" in do\n  did you mean "wait"?',
      's.yaml:10:52: wait: expected a string, got 2\n  write the unit too: 500ms, 2s, 1m',
    ]);
  });

  test('a load that no machine could plan', () => {
    expect(problems(VALID.replace('20/s', '9000000/s'))[0]).toContain(
      's.yaml:4:45: phase "steady" would take',
    );
  });

  test('a file that is no map, or is missing', () => {
    expect(problems('- a\n')[0]).toBe('s.yaml:1:1: scenario: expected a map of keys, got a list');
    expect(() => loadScenario('/no/such/file.yaml')).toThrow(
      "/no/such/file.yaml: can't read the scenario: ENOENT",
    );
  });

  test('an explosion of aliases', () => {
    const layers = Array.from(
      { length: 9 },
      (_, n) => `a${n + 1}: &a${n + 1} [${Array(9).fill(`*a${n}`).join(', ')}]`,
    );
    expect(problems(`a0: &a0 [x]\n${layers.join('\n')}\n`)[0]).toContain('s.yaml: not usable YAML');
  });
});

describe('--set', () => {
  const load = (...set: string[]) => parseScenario(VALID, 's.yaml', { set, cwd: '/home' });

  test('replaces values by path, in lists by index or name', () => {
    const scenario = load(
      'phases.0.duration=3s',
      'phases.steady.arrivals.constant=5/s',
      'clients.reader.weight=3',
    );
    expect(scenario.phases[0]).toMatchObject({
      durationMs: 3000,
      arrivals: { process: 'constant', perS: 5 },
    });
    expect(scenario.clients.reader?.weight).toBe(3);
  });

  test('takes the alternative away that it replaces, and reads paths from the working directory', () => {
    expect(load('corpus.file=events.jsonl').corpus).toEqual({ file: '/home/events.jsonl', load: 'preload' });
  });

  test.each([
    ['sede=3', '--set sede=3: unknown key "sede"\n  did you mean "seed"?'],
    ['phases.0.duration=soon', '--set phases.0.duration=soon: duration: "soon" is no duration'],
    ['phases.stedy.duration=1s', '--set phases.stedy.duration=1s: no "stedy" in that list; it has steady'],
    ['name.first=x', '--set name.first=x: nothing can be set inside "small"'],
    ['seed', '--set seed: no key.path=value'],
    ['seed=[1', '--set seed=[1: the value is not YAML'],
  ])('%s is told as what the user wrote', (set, expected) => {
    expect(problems(VALID, [set])[0]).toContain(expected);
  });
});

test('a corpus file is relative to its scenario, and must be there', () => {
  const dir = mkdtempSync(join(tmpdir(), 'reqbench-loader-'));
  const path = join(dir, 's.yaml');
  writeFileSync(path, VALID.replace('generate: { events: 100 }', 'file: events.jsonl'));
  expect(() => loadScenario(path)).toThrow(`${path}:2:17: no such corpus file: ${join(dir, 'events.jsonl')}`);
  expect(() => loadScenario(path)).toThrow('--set corpus.file=PATH');
  writeFileSync(join(dir, 'events.jsonl'), '');
  expect(loadScenario(path).corpus).toEqual({ file: join(dir, 'events.jsonl'), load: 'preload' });
});

describe('slices', () => {
  const SLICED = VALID.replace('poisson: 20/s }', 'poisson: 20/s }, slices: 10');

  test('are one unless said', () => {
    expect(parseScenario(VALID, 's.yaml').phases[0]?.slices).toBe(1);
    expect(parseScenario(SLICED, 's.yaml').phases[0]?.slices).toBe(10);
  });

  test.each([
    ['slices: 10', 'slices: 0', 's.yaml:4:72: slices: too small'],
    ['slices: 10', 'slices: many', 's.yaml:4:72: slices: expected a number, got "many"'],
    ['name: small', 'name: small\nworkers: 2', 's.yaml:2:10: slices are played by one load worker'],
    [
      '- disconnect',
      '- repeat: { times: 2, do: [{ http: { for: 1s, connections: 1 } }] }',
      's.yaml:10:34: http load is made by a process of its own, which takes no turns\n  leave out either',
    ],
  ])('%s: with %s it is told where and why not', (from, to, expected) => {
    expect(problems(SLICED.replace(from, to))[0]).toContain(expected);
  });
});
