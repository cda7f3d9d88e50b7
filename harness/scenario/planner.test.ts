import { createHash } from 'node:crypto';
import type { NostrEvent } from 'nostr-tools/pure';
import { describe, expect, test } from 'vitest';
import type { Corpus } from '../corpus/corpus.js';
import { parseScenario } from './loader.js';
import type { Plan, PlannedSession, Step } from './plan.js';
import { buildPlan } from './planner.js';

const key = (author: number) => hash(`author ${author}`);

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Authors × notes, each replying to an earlier one; one kind 3 and one kind 0 an author. Ids depend on the epoch. */
function corpus(epochS = 1_700_000_000, { authors = 20, notes = 200, known = true } = {}): Corpus {
  const events: NostrEvent[] = [];
  const add = (author: number, kind: number, tags: string[][]): void => {
    const created_at = epochS - 10_000 + events.length;
    const id = hash(`${created_at} ${events.length}`);
    events.push({ id, pubkey: key(author), created_at, kind, tags, content: '', sig: '' });
  };
  for (let author = 0; author < authors; author += 1) {
    add(author, 0, []);
    add(
      author,
      3,
      [1, 2, 3].map((step) => ['p', key((author + step) % authors)]),
    );
  }
  for (let note = 0; note < notes; note += 1) {
    const before = events[Math.floor(note / 3)];
    add(note % Math.max(1, Math.floor(authors / 2)), 1, [
      ['t', `tag${note % 7}`],
      ...(before ? [['e', before.id]] : []),
    ]);
  }
  const own = (identity: number) => (known ? key(identity) : hash(`derived ${identity}`));
  return {
    file: 'memory',
    events,
    lines: events.map((event) => JSON.stringify(event)),
    fingerprint: hash(events.map(({ id }) => id).join('')),
    epochS,
    authors: Array.from({ length: authors }, (_, author) => key(author)),
    identitySecretKey: (identity) => hash(`secret ${identity}`),
    identityPublicKey: own,
  };
}

interface Parts {
  readonly phases?: string;
  readonly clients?: string;
}

const READER = `  reader:
    script:
      - connect
      - req: { filters: [{ kinds: [1], authors: $follows(5), limit: 10 }] }
      - disconnect
`;

function plan(parts: Parts = {}, seed = 1, on = corpus()): Plan {
  const phases = parts.phases ?? '  - { name: steady, duration: 2s, arrivals: { poisson: 50/s } }\n';
  const text = `name: x\ncorpus: { generate: { events: 9 } }\nphases:\n${phases}clients:\n${parts.clients ?? READER}`;
  return buildPlan(parseScenario(text, 'x.yaml'), on, seed);
}

function script(...steps: readonly string[]): Parts {
  const lines = ['connect', ...steps].map((step) => `      - ${step}\n`).join('');
  return {
    clients: `  one:\n    script:\n${lines}`,
    phases: '  - { name: one, arrivals: { closed: { clients: 1 } } }\n',
  };
}

/** How many different values a list has. */
function distinct(values: unknown): number {
  return new Set(Array.isArray(values) ? values.map((one) => JSON.stringify(one)) : []).size;
}

const filterOf = (made: Plan) => made.requests[0]?.[0] ?? {};
const stepsOf = (made: Plan) => made.sessions[0]?.steps ?? [];

describe('a plan', () => {
  test('is the same for the same seed, and another for another', () => {
    expect(plan()).toEqual(plan());
    expect(plan().fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(plan({}, 2).fingerprint).not.toBe(plan({}, 1).fingerprint);
  });

  test('does not depend on the epoch', () => {
    const parts = script(
      "req: { filters: [{ ids: $ids(9), since: $epoch-1h, '#t': [$hashtag] }] }",
      'publish',
    );
    expect(plan(parts, 3, corpus(1_800_000_000))).toEqual(plan(parts, 3, corpus(1_700_000_000)));
  });

  test('has the fingerprint that it always had', () => {
    expect(plan().fingerprint).toMatchInlineSnapshot(
      `"7a21fbc15987e12869b1f3e93ce4b09d26bcab4d473bd767021aa68d9829ff8d"`,
    );
  });

  test('lists equal requests once', () => {
    const made = plan(script('req: { filters: [{ kinds: [1] }] }', 'req: { filters: [{ kinds: [1] }] }'));
    expect(made.requests).toEqual([[{ kinds: [1] }]]);
    expect(stepsOf(made).filter((step) => step.do === 'req')).toHaveLength(2);
  });

  test('gives a client the same draws whatever other kinds and phases there are', () => {
    const phases = '  - { name: all, arrivals: { closed: { clients: 4 } } }\n';
    const alone = plan({ phases, clients: READER });
    const crowd = plan({
      phases: `  - { name: first, arrivals: { closed: { clients: 3 } } }\n${phases}`,
      clients: `  other:\n    script: [connect, { req: { filters: [{ authors: $authors(3) }] } }]\n${READER}`,
    });
    const asked = (made: Plan, sessions: readonly PlannedSession[]) =>
      sessions.map(({ identity, steps }) => [
        identity,
        steps.map((step) => step.do === 'req' && made.requests[step.request]),
      ]);
    const readers = crowd.sessions.filter(({ client, phase }) => client === 'reader' && phase === 1);
    expect(readers).toHaveLength(2);
    expect(asked(crowd, readers)).toEqual(asked(alone, alone.sessions.slice(0, 2)));
  });
});

describe('arrivals', () => {
  const starts = (arrivals: string, seed = 1) =>
    plan({ phases: `  - { name: p, duration: 20s, arrivals: ${arrivals} }\n` }, seed).sessions.map(
      ({ startUs }) => startUs,
    );

  test('constant: at even distances, in whole µs', () => {
    expect(starts('{ constant: 3/s }').slice(0, 4)).toEqual([0, 333_333, 666_666, 1_000_000]);
    expect(starts('{ constant: 3/s }')).toHaveLength(60);
  });

  test('poisson: the rate on average, and gaps as of an exponential distribution', () => {
    const times = starts('{ poisson: 200/s }');
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    const longer = gaps.filter((gap) => gap > mean).length / gaps.length;
    expect(times.every((at) => Number.isInteger(at) && at >= 0 && at < 20_000_000)).toBe(true);
    expect([...times].sort((a, b) => a - b)).toEqual(times);
    // 4,000 expected; 5 standard deviations.
    expect(Math.abs(times.length - 4_000)).toBeLessThan(320);
    expect(Math.sqrt(variance) / mean).toBeCloseTo(1, 1);
    expect(longer).toBeCloseTo(Math.exp(-1), 1);
    expect(starts('{ poisson: 200/s }', 2)).not.toEqual(times);
  });

  test('closed: all at once, each running its script so many times, on a fresh connection', () => {
    const made = plan({ phases: '  - { name: p, arrivals: { closed: { clients: 3, iterations: 2 } } }\n' });
    expect(made.sessions.map(({ startUs }) => startUs)).toEqual([0, 0, 0]);
    expect(stepsOf(made).map((step) => step.do)).toEqual(
      'connect req disconnect connect req disconnect'.split(' '),
    );
    const open = plan({
      phases: '  - { name: p, arrivals: { closed: { clients: 1, iterations: 2 } } }\n',
      clients: '  one: { script: [connect, publish] }\n',
    });
    expect(stepsOf(open).map((step) => step.do)).toEqual(
      'connect publish disconnect connect publish'.split(' '),
    );
  });

  test('weights decide who arrives, and a phase may leave kinds out', () => {
    const clients = `  often: { weight: 9, script: [connect] }\n  seldom: { weight: 1, script: [connect] }\n`;
    const count = (arrivals: string, extra = '') => {
      const made = plan({
        clients,
        phases: `  - { name: p, duration: 20s, arrivals: ${arrivals}${extra} }\n`,
      });
      return made.sessions.filter(({ client }) => client === 'seldom').length / made.sessions.length;
    };
    expect(count('{ constant: 10/s }')).toBe(0.1);
    expect(count('{ closed: { clients: 20 } }')).toBe(0.1);
    expect(Math.abs(count('{ poisson: 200/s }') - 0.1)).toBeLessThan(0.025);
    expect(count('{ constant: 10/s }', ', clients: [seldom]')).toBe(1);
  });
});

describe('values', () => {
  const list = (where: string, on = corpus()) => plan(script(`req: { filters: [{ ${where} }] }`), 1, on);

  test('$me is the identity of the session', () => {
    const made = list('authors: $me');
    expect(filterOf(made)).toEqual({ authors: [{ identity: made.sessions[0]?.identity }] });
    expect(made.identities).toBe(20);
  });

  test('$follows are those of $me, in order, filled up with popular authors', () => {
    const made = list('authors: $follows(6)');
    const me = made.sessions[0]?.identity ?? Number.NaN;
    const authors = filterOf(made).authors;
    expect(authors).toHaveLength(6);
    expect(Array.isArray(authors) && authors.slice(0, 3)).toEqual(
      [1, 2, 3].map((step) => ({ author: (me + step) % 20 })),
    );
    expect(distinct(authors)).toBe(6);
    expect(filterOf(list('authors: $follows(2)')).authors).toHaveLength(2);
  });

  test('identities of their own where the corpus does not know its keys; they follow popular authors', () => {
    const made = list('authors: $follows(4)', corpus(1_700_000_000, { known: false }));
    expect(made.identities).toBe(1000);
    expect(filterOf(made).authors).toHaveLength(4);
  });

  test('several values are different ones, and no more than there are', () => {
    for (const [where, length] of [
      ['authors: $authors(20)', 20],
      ['authors: $authors(500)', 20],
      ["'#t': $hashtags(9)", 7],
    ] as const) {
      expect(distinct(Object.values(filterOf(list(where)))[0])).toBe(length);
    }
  });

  test('popular authors are drawn more often', () => {
    const made = plan({
      phases: '  - { name: p, duration: 20s, arrivals: { constant: 50/s } }\n',
      clients: READER.replace('$follows(5)', '$author'),
    });
    const drawn = made.sessions.map(({ steps }) => {
      const step = steps.find((one) => one.do === 'req');
      return JSON.stringify(step?.do === 'req' && made.requests[step.request]?.[0]?.authors);
    });
    const counts = new Map(drawn.map((value) => [value, drawn.filter((other) => other === value).length]));
    const sorted = [...counts.values()].sort((a, b) => b - a);
    // Zipf over 20: the first has 28 % of the draws, the last 1.4 %.
    expect(sorted[0]).toBeGreaterThan(200);
    expect(sorted.at(-1)).toBeLessThan(60);
  });

  test('$ids are events that a relay still has; $thread is one that was replied to', () => {
    const on = corpus();
    const ids = filterOf(list('ids: $ids(50)', on)).ids;
    const kinds = Array.isArray(ids) ? ids.map((one) => on.events[one.event]?.kind) : [];
    expect(kinds).toHaveLength(50);
    expect(new Set(kinds)).toEqual(new Set([1]));
    const thread = JSON.stringify(filterOf(list("'#e': [$thread]", on)));
    const { event } = JSON.parse(thread)['#e'][0];
    expect(on.events.some(({ tags }) => tags.some((tag) => tag[1] === on.events[event]?.id))).toBe(true);
  });

  test('a generator of one value means the same one throughout a step', () => {
    const made = plan(script("req: { filters: [{ ids: [$thread] }, { '#e': [$thread] }] }"));
    expect(made.requests[0]?.[1]?.['#e']).toEqual(made.requests[0]?.[0]?.ids);
  });

  test('$absents are ids that are not in the corpus', () => {
    const { ids } = filterOf(list('ids: $absents(3)'));
    expect(ids).toHaveLength(3);
    expect(Array.isArray(ids) && ids.every((id) => /^[0-9a-f]{64}$/.test(id))).toBe(true);
  });

  test('times count from the epoch; $now and publishes from when the step is planned', () => {
    const made = plan(
      script(
        'wait: 2500ms',
        'req: { filters: [{ since: $now, until: $epoch+1h }] }',
        'publish: { tags: [[p, $me]] }',
      ),
    );
    expect(filterOf(made)).toEqual({ since: { epochPlusS: 3 }, until: { epochPlusS: 3600 } });
    const [{ identity } = { identity: -1 }] = made.sessions;
    expect(made.publishes).toEqual([
      { identity, kind: 1, createdAtEpochPlusS: 3, tags: [['p', { identity }]], content: 'reqbench' },
    ]);
  });

  test('what the corpus does not have is refused, with the name of what draws it', () => {
    const bare = corpus(1_700_000_000, { notes: 0 });
    expect(() => list("'#t': [$hashtag]", bare)).toThrow(
      'client "one" draws $hashtag, but the corpus has no events with a t tag',
    );
  });
});

describe('repeat', () => {
  test('a number of times is flattened, with new values each time', () => {
    const made = plan(
      script('repeat: { times: 3, do: [{ req: { filters: [{ ids: [$absent] }] } }, { wait: 1s }] }'),
    );
    expect(stepsOf(made).map((step) => step.do)).toEqual('connect req wait req wait req wait'.split(' '));
    expect(made.requests).toHaveLength(3);
  });

  test('on a schedule: iterations with offsets, an empty one at the end of it, and later steps after it', () => {
    const made = plan(
      script('repeat: { every: { constant: 2/s }, for: 2s, do: [{ publish: { await: none } }] }', 'publish'),
    );
    const repeat = stepsOf(made).find(
      (step): step is Extract<Step, { do: 'repeat' }> => step.do === 'repeat',
    );
    expect(repeat?.iterations.map(({ atUs, steps }) => [atUs, steps.length])).toEqual([
      [0, 1],
      [500_000, 1],
      [1_000_000, 1],
      [1_500_000, 1],
      [2_000_000, 0],
    ]);
    expect(made.publishes.map((event) => event.createdAtEpochPlusS)).toEqual([1, 1, 2, 2, 3]);
  });
});

describe('pauses, branches and reconnects', () => {
  const waits = (step: string) =>
    stepsOf(plan(script(`repeat: { times: 2000, do: [{ think: ${step} }] }`))).flatMap((planned) =>
      planned.do === 'wait' ? [planned.ms] : [],
    );

  test('a pause is exponential around its mean, or uniform in its range, and the same for the same seed', () => {
    const exponential = waits('2s');
    const mean = exponential.reduce((sum, ms) => sum + ms, 0) / 2_000;
    // Four standard errors of the mean of 2,000.
    expect(Math.abs(mean - 2_000)).toBeLessThan((4 * 2_000) / Math.sqrt(2_000));
    const longerThanMean = exponential.filter((ms) => ms > 2_000).length / 2_000;
    expect(Math.abs(longerThanMean - Math.exp(-1))).toBeLessThan(0.045);
    expect(waits('2s')).toEqual(exponential);
    const uniform = waits('{ from: 1s, to: 3s }');
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...uniform)).toBeLessThan(3_000);
    expect(Math.abs(uniform.filter((ms) => ms < 1_500).length - 500)).toBeLessThan(80);
  });

  test('branches are due at once, and what comes after them when the longest is over', () => {
    const made = plan(script('parallel: [[{ wait: 3s }], [publish]]', 'publish'));
    expect(stepsOf(made)[1]).toEqual({
      do: 'repeat',
      iterations: [
        { atUs: 0, steps: [{ do: 'wait', ms: 3_000 }] },
        { atUs: 0, steps: [expect.objectContaining({ do: 'publish', publish: 0 })] },
      ],
    });
    expect(made.publishes.map(({ createdAtEpochPlusS }) => createdAtEpochPlusS)).toEqual([1, 4]);
  });

  test('a reconnect closes, stays away and opens again', () => {
    expect(stepsOf(plan(script('reconnect: { after: 500ms }')))).toEqual([
      { do: 'connect' },
      { do: 'disconnect' },
      { do: 'wait', ms: 500 },
      { do: 'connect' },
    ]);
  });
});

test('expect means the deadline of the scenario where it says no time', () => {
  const made = plan(script('req: { filters: [{ kinds: [1] }] }', 'expect: { events: 3 }'));
  expect(stepsOf(made).at(-1)).toMatchObject({ do: 'expect', of: 'req', withinMs: 5000, events: 3 });
});

test('phases keep their order, and publishes of a later one are newer', () => {
  const made = plan({
    phases:
      '  - { name: a, duration: 4s, arrivals: { closed: { clients: 1 } }, measure: false }\n  - { name: b, arrivals: { closed: { clients: 1 } } }\n',
    clients: '  one: { script: [connect, publish] }\n',
  });
  expect(made.phases).toEqual([
    { name: 'a', measure: false, durationMs: 4000 },
    { name: 'b', measure: true, durationMs: undefined },
  ]);
  expect(made.sessions.map(({ phase }) => phase)).toEqual([0, 1]);
  expect(made.publishes.map((event) => event.createdAtEpochPlusS)).toEqual([1, 5]);
});

describe('slices', () => {
  const sliced = (slices: number) =>
    plan({
      phases: `  - { name: warm-up, arrivals: { closed: { clients: 1 } }, measure: false }
  - { name: steady, duration: 2s, arrivals: { poisson: 5/s }, slices: ${slices} }\n`,
    });
  const ofPhase = ({ sessions }: Plan, phase: number) => sessions.filter((one) => one.phase === phase);

  test('are phases of one name in a row, in which relays may take turns', () => {
    expect(sliced(3).phases).toEqual([
      { name: 'warm-up', measure: false, durationMs: undefined, inTurns: true },
      ...Array.from({ length: 3 }, () => ({
        name: 'steady',
        measure: true,
        durationMs: 2000,
        inTurns: true,
      })),
    ]);
    expect(sliced(1).phases.map(({ inTurns }) => inTurns)).toEqual([undefined, undefined]);
  });

  test('draw arrivals and filters of their own, the first as the phase that is not sliced', () => {
    const three = sliced(3);
    const [first, second, third] = [1, 2, 3].map((phase) => ofPhase(three, phase));
    expect(first).toEqual(ofPhase(sliced(1), 1));
    expect(second?.length).toBeGreaterThan(0);
    expect(second?.map(({ startUs }) => startUs)).not.toEqual(first?.map(({ startUs }) => startUs));
    expect(third?.map(({ startUs }) => startUs)).not.toEqual(second?.map(({ startUs }) => startUs));
  });
});
