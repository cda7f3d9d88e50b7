import fc from 'fast-check';
import type { Filter } from 'nostr-tools/filter';
import { expect, it } from 'vitest';
import { LegalRelay } from '../../tests/support/legal-relay.js';
import { ALICE, BOB, DEADLINE_MS, event, Trace } from '../../tests/support/trace.js';

const CONNECTIONS = 3;

/** Few authors, kinds and times, so that versions, ties and limits meet. */
const events = fc
  .record({
    at: fc.nat(12),
    kind: fc.constantFrom(0, 1, 1, 1, 4, 20001, 30000, 30078),
    author: fc.constantFrom(ALICE, BOB),
    tags: fc.constantFrom<string[][]>([], [['d', 'x']], [['t', 'y']], [['private', 'x']]),
    content: fc.string({ maxLength: 2 }),
  })
  .map(event);

const filters: fc.Arbitrary<Filter> = fc.oneof(
  fc.constantFrom<Filter>(
    {},
    { kinds: [1] },
    { kinds: [4, 30078] },
    { kinds: [0, 30000] },
    { authors: [BOB] },
    { '#t': ['y'] },
  ),
  fc.record({ kinds: fc.constantFrom<number[]>([1], [0, 1]), limit: fc.nat(4) }),
  fc.record({ since: fc.constant(1_700_000_005) }),
);

const moves = fc.array(
  fc.record({
    move: fc.constantFrom(
      'publish',
      'req',
      'close',
      'drop',
      'work',
      'work',
      'stream',
      'stream',
      'arrive',
      'arrive',
      'arrive',
    ),
    connection: fc.nat(CONNECTIONS - 1),
    pick: fc.nat(1000),
    filters: fc.array(filters, { minLength: 1, maxLength: 2 }),
    event: events,
    waitMs: fc.constantFrom(0, 0, 0, 1, 700, 2 * DEADLINE_MS),
  }),
  { minLength: 20, maxLength: 150 },
);

it.each(['open', 'follows'] as const)(
  'a relay that breaks no rule is never accused, however its messages cross: %s',
  (access) => {
    fc.assert(
      fc.property(
        fc.uniqueArray(events, { selector: ({ id }) => id, maxLength: 12 }),
        moves,
        (loaded, script) => {
          const trace = new Trace({ loaded, claims: [42], access });
          const relay = new LegalRelay(trace, loaded, CONNECTIONS, access !== 'open');
          for (const { move, connection, pick, filters, event, waitMs } of script) {
            trace.after(waitMs);
            // Three ids: some REQs replace others, most after a CLOSE or an answer.
            const id = `s${pick % 3}`;
            if (move === 'publish') relay.publish(connection, event);
            if (move === 'req') relay.req(connection, id, ...filters);
            if (move === 'close') relay.close(connection, id);
            if (move === 'work') relay.work(connection, pick);
            if (move === 'drop') relay.drop(connection, pick);
            if (move === 'stream') relay.stream(connection, pick);
            if (move === 'arrive') relay.arrive(connection);
          }
          relay.drain();
          for (let i = 0; i < CONNECTIONS; i++) trace.backOn(i).thenFreshReq(true);
          const outcome = trace.finish();
          const { checks } = outcome.report.conformance;
          const accused = checks.filter(({ result }) => result === 'failed');
          expect(accused.flatMap(({ failures }) => failures.map(({ message }) => message))).toEqual([]);
          expect(outcome.shown.filter((shown) => shown !== 'nip01/req/duplicates')).toEqual([]);
          expect(outcome.report.lost).toBe(0);
        },
      ),
      { numRuns: 400 },
    );
  },
);
