import fc from 'fast-check';
import type { Filter } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import { expect, it } from 'vitest';
import { LegalRelay } from '../../tests/support/legal-relay.js';
import { ALICE, BOB, DEADLINE_MS, event, NOON, Trace } from '../../tests/support/trace.js';

const CONNECTIONS = 3;

/** Few authors, kinds and times, so that versions, ties and limits meet. */
const plain = fc
  .record({
    at: fc.nat(12),
    kind: fc.constantFrom(0, 1, 1, 1, 4, 20001, 30000, 30000, 30078),
    author: fc.constantFrom(ALICE, BOB),
    tags: fc.constantFrom<string[][]>(
      [],
      [['d', 'x']],
      [['t', 'y']],
      [['private', 'x']],
      [['p', BOB]],
      [
        ['d', 'x'],
        ['expiration', '1700000006'],
      ],
    ),
    content: fc.string({ maxLength: 2 }),
  })
  .map(event);

/** What a stranger writes: kinds and times of the others, so that they compete for the places of a limit. */
const OF_OTHERS = fc
  .record({
    at: fc.nat(14),
    kind: fc.constantFrom(0, 1, 1, 4),
    author: fc.constant('c'.repeat(64)),
    tags: fc.constantFrom<string[][]>([], [['t', 'y']]),
    content: fc.string({ maxLength: 2 }),
  })
  .map(event);

/** Deletion requests for events that may come before or after, or never. */
const deletions = fc
  .record({
    at: fc.nat(12),
    author: fc.constantFrom(ALICE, BOB),
    target: fc.oneof(
      plain.map(({ id }) => ['e', id]),
      fc.constantFrom<string[]>(['a', `30000:${ALICE}:x`], ['a', `30000:${BOB}:`], ['a', `0:${BOB}`]),
    ),
  })
  .map(({ at, author, target }) => event({ kind: 5, at, author, tags: [target] }));

const events = fc.oneof({ weight: 6, arbitrary: plain }, { weight: 1, arbitrary: deletions });

const filters: fc.Arbitrary<Filter> = fc.oneof(
  fc.constantFrom<Filter>(
    {},
    { kinds: [1] },
    { kinds: [4, 30078] },
    { kinds: [0, 30000] },
    { authors: [BOB] },
    { '#t': ['y'] },
    { kinds: [5] },
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
      'auth',
      'delete',
      'delete',
      'again',
      'others',
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
    ofOthers: OF_OTHERS,
    waitMs: fc.constantFrom(0, 0, 0, 1, 700, 2 * DEADLINE_MS),
  }),
  { minLength: 20, maxLength: 150 },
);

/** Relays that differ in everything that the rules leave to them. */
const RELAYS = [
  { access: 'open', claims: [42], traits: { deletes: false, widens: false, shufflesTies: false } },
  { access: 'open', claims: [9, 40, 42], traits: { deletes: true, widens: false, shufflesTies: true } },
  { access: 'open', claims: [], traits: { deletes: true, widens: false, shufflesTies: false } },
  { access: 'follows', claims: [9, 42], traits: { deletes: true, widens: true, shufflesTies: false } },
  { access: 'follows', claims: [42], traits: { deletes: false, widens: false, shufflesTies: true } },
  {
    access: 'open',
    claims: [9],
    shared: true,
    traits: { deletes: true, widens: false, shufflesTies: true },
  },
] as const;

/** `REQBENCH_LEGAL_RUNS=20000` hunts longer. */
const RUNS = Number(process.env.REQBENCH_LEGAL_RUNS ?? 300);

it.each(RELAYS)(
  'a relay that breaks no rule is never accused, however its messages cross: $access, NIPs $claims, $traits',
  ({ access, claims, traits, ...rest }) => {
    const shared = 'shared' in rest;
    fc.assert(
      fc.property(
        fc.uniqueArray(events, { selector: ({ id }) => id, maxLength: 12 }),
        moves,
        (loaded, script) => {
          const trace = new Trace({ loaded, claims, access, shared, admins: new Set() });
          const keepsPrivate = access !== 'open';
          const relay = new LegalRelay(trace, loaded, CONNECTIONS, { ...traits, keepsPrivate });
          const given = [...loaded];
          const publish = (connection: number, event: NostrEvent): void => {
            given.push(event);
            relay.publish(connection, event);
          };
          for (const { move, connection, pick, filters, event, ofOthers, waitMs } of script) {
            trace.after(waitMs);
            // Three ids: some REQs replace others, most after a CLOSE or an answer.
            const id = `s${pick % 3}`;
            const one = given[pick % Math.max(given.length, 1)];
            if (move === 'publish') publish(connection, event);
            if (move === 'again' && one) publish(connection, one);
            if (move === 'delete' && one) publish(connection, deletionOf(one, pick));
            if (move === 'others' && shared) relay.writtenByOthers(ofOthers, pick);
            if (move === 'auth') relay.auth(connection, pick % 2 === 0 ? ALICE : BOB);
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
          const harmless = [
            'nip01/req/duplicates',
            ...(traits.shufflesTies ? ['nip01/req/tie-order'] : []),
            ...(shared ? ['nip01/event/foreign'] : []),
          ];
          expect(outcome.shown.filter((shown) => !harmless.includes(shown))).toEqual([]);
          expect(outcome.report.lost).toBe(0);
        },
      ),
      { numRuns: RUNS },
    );
  },
  60_000 + 10 * RUNS,
);

/** Its author's, or somebody else's; by id, or by address where there is one, up to a time around its own. */
function deletionOf(target: NostrEvent, pick: number): NostrEvent {
  const { id, kind, pubkey, created_at: createdAt, tags } = target;
  const author = pick % 7 === 0 ? BOB : pubkey;
  const d = tags.find(([name]) => name === 'd')?.[1] ?? '';
  const tag = pick % 2 === 0 ? ['e', id] : ['a', `${kind}:${pubkey}:${d}`];
  return event({ kind: 5, at: createdAt - NOON + (pick % 3) - 1, author, tags: [tag] });
}
