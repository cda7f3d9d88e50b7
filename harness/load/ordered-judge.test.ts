import fc from 'fast-check';
import type { Filter } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import { expect, test } from 'vitest';
import { LegalRelay } from '../../tests/support/legal-relay.js';
import { SharedJudges } from '../../tests/support/shared-judges.js';
import { ALICE, BOB, DEADLINE_MS, event, Trace } from '../../tests/support/trace.js';
import type { JudgeReport } from '../conformance/judge.js';
import { OrderedJudge } from './ordered-judge.js';
import { NO_PEERS } from './peers.js';

const CONNECTIONS = 4;

/** What a report says, without the evidence: of more than 20 failures everybody keeps others. */
function ruling({ conformance, messages: _, ...figures }: JudgeReport) {
  return {
    ...figures,
    checks: conformance.checks.map(({ id, result, seen, setAside, failedCases }) => ({
      id,
      result,
      seen,
      setAside,
      failedCases,
    })),
  };
}

/** A trace that one judge of all connections and several that share them listen to. */
function sharedTrace(
  workers: number,
  tells: () => boolean,
  {
    loaded = [],
    claims = [9, 42],
    mostWaitingBytes,
  }: { loaded?: readonly NostrEvent[]; claims?: readonly number[]; mostWaitingBytes?: number } = {},
) {
  const made: { judges?: SharedJudges } = {};
  const trace = new Trace({
    loaded,
    claims,
    listener: (create) => {
      made.judges = new SharedJudges(create, workers, tells, mostWaitingBytes);
      return made.judges;
    },
  });
  const finish = (): { whole: JudgeReport; shared: JudgeReport } => {
    const whole = trace.finish().report;
    const { judges } = made;
    if (!judges) throw new Error('nobody listened');
    return { whole, shared: judges.finishShared(Number.MAX_SAFE_INTEGER) };
  };
  return { trace, finish };
}

function checkOf(report: JudgeReport, id: string) {
  return report.conformance.checks.find((check) => check.id === id);
}

test('an event that a publisher of another worker wrote and a subscriber never got is missed', () => {
  const { trace, finish } = sharedTrace(2, () => false);
  const note = event({ content: 'for everybody' });
  trace.req('live', { kinds: [1] }).gets('EOSE', 'live');
  trace.on(1).store(note);
  trace.backOn(0).thenFreshReq(true);
  const { shared } = finish();
  expect(checkOf(shared, 'nip01/live/delivered')).toMatchObject({ result: 'failed', failedCases: 1 });
  expect(shared.lost).toBe(1);
});

test('an event of another worker that comes is passed, though it arrives before its publish is told', () => {
  const { trace, finish } = sharedTrace(2, () => false);
  const note = event({ content: 'for everybody' });
  trace.req('live', { kinds: [1] }).gets('EOSE', 'live');
  trace.on(1).publish(note);
  trace.backOn(0).gets('EVENT', 'live', note);
  trace.backOn(1).gets('OK', note.id, true, '');
  trace.backOn(0).thenFreshReq(true);
  const { shared } = finish();
  expect(checkOf(shared, 'nip01/live/delivered')).toMatchObject({ result: 'passed', seen: 1, setAside: 0 });
  expect(shared.conformance.checks.filter(({ result }) => result === 'failed')).toEqual([]);
});

test('a stored answer that lacks what another worker had stored before is a hole', () => {
  const { trace, finish } = sharedTrace(2, () => false);
  trace.on(1).store(event({ content: 'stored' }));
  trace
    .backOn(0)
    .after(10)
    .req('notes', { kinds: [1] })
    .gets('EOSE', 'notes');
  expect(checkOf(finish().shared, 'nip01/req/stored-set')).toMatchObject({ failedCases: 1 });
});

test('an OK for what a connection never sent makes nothing stored', () => {
  const { trace, finish } = sharedTrace(2, () => false);
  const note = event({ content: 'mine' });
  trace.publish(note);
  trace.on(1).gets('OK', note.id, true, '');
  trace
    .after(10)
    .req('notes', { kinds: [1] })
    .gets('EOSE', 'notes');
  expect(checkOf(finish().shared, 'nip01/req/stored-set')).toMatchObject({ failedCases: 0 });
});

const plain = fc
  .record({
    at: fc.nat(12),
    kind: fc.constantFrom(0, 1, 1, 1, 20001, 30000),
    author: fc.constantFrom(ALICE, BOB),
    tags: fc.constantFrom<string[][]>([], [['d', 'x']], [['t', 'y']]),
    content: fc.string({ maxLength: 2 }),
  })
  .map(event);

const filters: fc.Arbitrary<Filter> = fc.constantFrom<Filter>(
  {},
  { kinds: [1] },
  { kinds: [0, 30000], limit: 2 },
  { authors: [BOB] },
  { kinds: [1], limit: 3 },
);

const RIGHT_MOVES = [
  ...(['publish', 'publish', 'req', 'close', 'drop', 'again', 'work', 'stream'] as const),
  ...(['arrive', 'arrive', 'arrive'] as const),
];
/** With what no relay may do. */
const MOVES = [...RIGHT_MOVES, ...(['forget', 'stray', 'challenge', 'refuse'] as const)];

const movesOf = (kinds: readonly Move['move'][]): fc.Arbitrary<Move[]> =>
  fc.array(
    fc.record({
      move: fc.constantFrom(...kinds),
      connection: fc.nat(CONNECTIONS - 1),
      pick: fc.nat(1000),
      filter: filters,
      event: plain,
      waitMs: fc.constantFrom(0, 0, 0, 1, 700, 2 * DEADLINE_MS),
    }),
    { minLength: 20, maxLength: 120 },
  );

interface Move {
  readonly move: (typeof MOVES)[number];
  readonly connection: number;
  readonly pick: number;
  readonly filter: Filter;
  readonly event: NostrEvent;
  readonly waitMs: number;
}

/** A relay that does everything right but what it is told to do wrong. */
function playMoves(trace: Trace, loaded: readonly NostrEvent[], script: readonly Move[]): void {
  const relay = new LegalRelay(trace, loaded, CONNECTIONS, {
    deletes: true,
    widens: false,
    shufflesTies: false,
    keepsPrivate: false,
  });
  const given = [...loaded];
  for (const { move, connection, pick, filter, event, waitMs } of script) {
    trace.after(waitMs);
    const id = `s${pick % 3}`;
    const one = given[pick % Math.max(given.length, 1)];
    if (move === 'publish') {
      given.push(event);
      relay.publish(connection, event);
    }
    if (move === 'again' && one) relay.publish(connection, one);
    if (move === 'req') relay.req(connection, id, filter);
    if (move === 'close') relay.close(connection, id);
    if (move === 'work') relay.work(connection, pick);
    if (move === 'drop') relay.drop(connection, pick);
    if (move === 'stream') relay.stream(connection, pick);
    if (move === 'arrive') relay.arrive(connection);
    if (move === 'forget') trace.backOn(connection).publish(event).gets('OK', event.id, true, '');
    if (move === 'stray' && one) trace.backOn(connection).gets('EVENT', id, one);
    if (move === 'challenge') trace.backOn(connection).gets('AUTH', 'prove it');
    if (move === 'refuse') trace.backOn(connection).gets('CLOSED', id, 'auth-required: not yet');
  }
  relay.drain();
  for (let i = 0; i < CONNECTIONS; i++) trace.backOn(i).thenFreshReq(true);
}

test('judges that share the connections rule as one judge of all does, right relay or wrong, whenever they tell each other', () => {
  const outcomes = new Set<string>();
  fc.assert(
    fc.property(
      fc.uniqueArray(plain, { selector: ({ id }) => id, maxLength: 8 }),
      movesOf(MOVES),
      fc.integer({ min: 2, max: 4 }),
      fc.constantFrom([9, 42], [9], []),
      fc.infiniteStream(fc.boolean()),
      (loaded, script, workers, claims, coins) => {
        const tells = () => coins.next().value === true;
        const { trace, finish } = sharedTrace(workers, tells, { loaded, claims });
        playMoves(trace, loaded, script);
        const { whole, shared } = finish();
        for (const { id, result } of whole.conformance.checks) outcomes.add(`${id} ${result}`);
        expect(ruling(shared)).toEqual(ruling(whole));
      },
    ),
    { numRuns: 300 },
  );
  // Else this would say little.
  const ruled = ['nip01/live/delivered failed', 'nip01/req/stored-set failed', 'nip01/live/delivered passed'];
  expect([...outcomes]).toEqual(expect.arrayContaining(ruled));
}, 60_000);

test('a judge that would have to keep too much rules on what came before, and says how much that was', () => {
  let tells = true;
  const { trace, finish } = sharedTrace(2, () => tells, { mostWaitingBytes: 20_000 });
  trace.on(1).store(event({ content: 'stored' }));
  trace.backOn(0);
  for (let i = 0; i < 200; i += 1) {
    trace
      .after(10)
      .req(`n${i}`, { kinds: [1] })
      .gets('EOSE', `n${i}`);
    if (i === 0) expect(tells).toBe(true);
    // The other worker stands still from now on.
    tells = i < 1;
  }
  const { whole, shared } = finish();
  expect(checkOf(whole, 'nip01/req/stored-set')?.failedCases).toBe(200);
  const { failedCases = 0, seen } = checkOf(shared, 'nip01/req/stored-set') ?? {};
  expect(failedCases).toBeGreaterThan(0);
  expect(failedCases).toBeLessThan(10);
  expect(seen).toBe(failedCases);
  // The EOSE of each, and the OK of the one who published.
  expect(shared.messages).toEqual({ came: 201, judged: failedCases + 1 });
  expect(shared.answers.judged).toBe(failedCases);
});

test('what was to be done after judging is done when the judge gives up, and at once from then on', async () => {
  const judge = new OrderedJudge({
    judge: new Trace().judge,
    peers: NO_PEERS,
    share: { index: 0, of: 2 },
    clock: () => 1,
    later: setImmediate,
    onActivity: () => {},
    mostWaitingBytes: 1_000,
  });
  const done: string[] = [];
  judge.opened(1, 0);
  judge.inOrder(() => done.push('before'));
  const caughtUp = judge.caughtUp();
  expect(done).toEqual([]);
  // A text of a relay counts by its length.
  judge.got(1, { label: 'NOTICE', text: 'long' }, 1, 1_000);
  await caughtUp;
  judge.inOrder(() => done.push('after'));
  expect(done).toEqual(['before', 'after']);
  expect(judge.openQuestions()).toEqual([]);
  expect(judge.isOwed(1, 2)).toBe(false);
  expect(judge.finish(3).messages).toEqual({ came: 1, judged: 0 });
});

test('a right relay is never accused by judges that give up, whenever that is', () => {
  let cut = 0;
  fc.assert(
    fc.property(
      fc.uniqueArray(plain, { selector: ({ id }) => id, maxLength: 8 }),
      movesOf(RIGHT_MOVES),
      fc.integer({ min: 200, max: 12_000 }),
      fc.infiniteStream(fc.boolean()),
      (loaded, script, mostWaitingBytes, coins) => {
        const tells = () => coins.next().value === true;
        const { trace, finish } = sharedTrace(2, tells, { loaded, mostWaitingBytes });
        playMoves(trace, loaded, script);
        const { shared } = finish();
        const { came = 0, judged = 0 } = shared.messages ?? {};
        if (judged < came) cut += 1;
        expect(shared.conformance.checks.filter(({ result }) => result === 'failed')).toEqual([]);
        expect(shared.lost).toBe(0);
      },
    ),
    { numRuns: 100 },
  );
  // Else this would say little.
  expect(cut).toBeGreaterThan(10);
}, 60_000);
