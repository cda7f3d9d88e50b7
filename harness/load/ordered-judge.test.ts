import fc from 'fast-check';
import type { Filter } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import { expect, test } from 'vitest';
import { LegalRelay } from '../../tests/support/legal-relay.js';
import { SharedJudges } from '../../tests/support/shared-judges.js';
import { ALICE, BOB, DEADLINE_MS, event, Trace } from '../../tests/support/trace.js';
import type { JudgeReport } from '../conformance/judge.js';

const CONNECTIONS = 4;

/** What a report says, without the evidence: of more than 20 failures everybody keeps others. */
function ruling({ conformance, ...figures }: JudgeReport) {
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
  { loaded = [], claims = [9, 42] }: { loaded?: readonly NostrEvent[]; claims?: readonly number[] } = {},
) {
  const made: { judges?: SharedJudges } = {};
  const trace = new Trace({
    loaded,
    claims,
    listener: (create) => {
      made.judges = new SharedJudges(create, workers, tells);
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

const MOVES = [
  ...['publish', 'publish', 'req', 'close', 'drop', 'again', 'work', 'stream', 'arrive', 'arrive', 'arrive'],
  // What no relay may do.
  ...['forget', 'stray', 'challenge', 'refuse'],
] as const;

const moves = fc.array(
  fc.record({
    move: fc.constantFrom(...MOVES),
    connection: fc.nat(CONNECTIONS - 1),
    pick: fc.nat(1000),
    filter: filters,
    event: plain,
    waitMs: fc.constantFrom(0, 0, 0, 1, 700, 2 * DEADLINE_MS),
  }),
  { minLength: 20, maxLength: 120 },
);

test('judges that share the connections rule as one judge of all does, right relay or wrong, whenever they tell each other', () => {
  const outcomes = new Set<string>();
  fc.assert(
    fc.property(
      fc.uniqueArray(plain, { selector: ({ id }) => id, maxLength: 8 }),
      moves,
      fc.integer({ min: 2, max: 4 }),
      fc.constantFrom([9, 42], [9], []),
      fc.infiniteStream(fc.boolean()),
      (loaded, script, workers, claims, coins) => {
        const tells = () => coins.next().value === true;
        const { trace, finish } = sharedTrace(workers, tells, { loaded, claims });
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
