/** Mutants that break OK, or what an event is. */
import type { Filter } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import { publicKeyOf } from '../../corpus/keys.js';
import { signEvent } from '../../corpus/signature.js';
import { type Mutant, tampered } from './mutant.js';
import { type Elements, eventOf, nth, type Outgoing, oneRule } from './scene.js';

const DIRECT_MESSAGE = 4;

/** At the n-th OK, these messages instead. */
function atOk(n: number, instead: (ok: Elements) => readonly Outgoing[]) {
  return oneRule(() => {
    const isTime = nth(n);
    return { fromRelay: (message) => (message[0] === 'OK' && isTime() ? instead(message) : undefined) };
  });
}

/** The n-th EVENT, with its event altered. */
function atEvent(n: number, alter: (event: NostrEvent) => NostrEvent) {
  return oneRule(() => {
    const isTime = nth(n);
    return {
      fromRelay(message) {
        const got = eventOf(message);
        return got && isTime() ? [['EVENT', got.id, alter(got.event)]] : undefined;
      },
    };
  });
}

/** After the n-th EVENT for a filter of kinds alone, which anybody's event matches, somebody's event with these tags. */
function alsoForeign(n: number, tags: string[][] = []) {
  return oneRule(() => {
    const isTime = nth(n);
    return {
      fromRelay(message, scene) {
        const got = eventOf(message);
        const [filter, ...others] = (got && scene.subscription(got.id)?.filters) ?? [];
        const isOfKinds = filter && Object.keys(filter).every((key) => key === 'kinds' || key === 'limit');
        if (!got || !isOfKinds || others.length > 0 || !isTime()) return undefined;
        return [message, ['EVENT', got.id, foreignLike(got.event, tags)]];
      },
    };
  });
}

const OK = ['nip01/event/ok'] as const;
const GENUINE = ['nip01/event/nothing-invented'] as const;
const SOMEBODY = '5'.repeat(64);
const LEAKED_AT = 1_000_000_000;

export const EVENT_MUTANTS: readonly Mutant[] = [
  tampered(
    'ok-dropped',
    { breaks: 'One EVENT gets no OK.', caughtBy: OK },
    atOk(7, () => []),
  ),
  tampered(
    'ok-doubled',
    { breaks: 'One EVENT gets two OKs.', caughtBy: OK },
    atOk(7, (ok) => [ok, ok]),
  ),
  tampered(
    'ok-other-id',
    { breaks: 'One OK has an id that nobody sent.', caughtBy: OK },
    atOk(7, (ok) => [ok, ['OK', 'f'.repeat(64), true, '']]),
  ),
  tampered(
    'ok-without-prefix',
    { breaks: 'One OK false says why without a machine-readable prefix.', caughtBy: OK },
    atOk(7, ([, id]) => [['OK', id, false, 'no']]),
  ),
  tampered(
    'ok-of-three',
    {
      breaks: 'One OK has three elements.',
      caughtBy: ['nip01/event/ok', 'nip01/message/well-formed'],
    },
    atOk(7, ([, id, accepted]) => [['OK', id, accepted]]),
  ),
  tampered(
    'content-altered',
    { breaks: 'One event comes with another content than was signed.', caughtBy: GENUINE },
    atEvent(15, (event) => ({ ...event, content: `${event.content}!` })),
  ),
  tampered(
    'signature-wrong',
    { breaks: 'One event comes with another signature.', caughtBy: GENUINE },
    atEvent(15, (event) => ({
      ...event,
      sig: event.sig.replace(/./g, (digit) => (digit === '0' ? '1' : '0')),
    })),
  ),
  tampered(
    'event-invented',
    { breaks: 'One event comes that nobody ever signed.', caughtBy: GENUINE },
    atEvent(15, (event) => ({ ...event, id: 'e'.repeat(64), content: 'invented' })),
  ),
  tampered(
    'event-foreign',
    {
      breaks: 'One genuine event comes that the harness did not give.',
      caughtBy: ['nip01/event/foreign'],
      observed: true,
    },
    alsoForeign(5),
  ),
  tampered(
    'expired-served',
    { breaks: 'One genuine event comes that expired long ago.', caughtBy: ['nip40/expired'] },
    alsoForeign(5, [['expiration', '1000000000']]),
  ),
  tampered(
    'private-leaked',
    {
      breaks: 'One event with a `private` tag comes to a client that never authenticated.',
      caughtBy: ['access/privacy'],
      load: 'auth',
    },
    oneRule(() => {
      const isTime = nth(1);
      return {
        fromRelay(message, scene) {
          const [filter] = scene.subscription(message[1])?.filters ?? [];
          if (message[0] !== 'CLOSED' || !filter?.kinds?.includes(1) || !isTime()) return undefined;
          const leaked = foreignLike({ kind: 1, created_at: LEAKED_AT }, [['private', '']]);
          return [['EVENT', message[1], leaked], message];
        },
      };
    }),
  ),
  tampered(
    'private-counted-once',
    {
      breaks: 'One private event is counted for a client that it does not concern.',
      caughtBy: ['access/privacy-counted'],
      load: 'auth',
    },
    oneRule(() => {
      const letters = new Set<unknown>();
      const isTime = nth(1);
      return {
        fromClient([label, id, filter]) {
          if (label === 'COUNT' && (filter as Filter).kinds?.includes(DIRECT_MESSAGE)) letters.add(id);
          return undefined;
        },
        fromRelay([label, id, result]) {
          if (label !== 'COUNT' || !letters.has(id) || !isTime()) return undefined;
          return [[label, id, { count: (result as { count: number }).count + 1 }]];
        },
      };
    }),
  ),
];

function foreignLike(
  { kind, created_at }: Pick<NostrEvent, 'kind' | 'created_at'>,
  tags: string[][] = [],
): NostrEvent {
  const key = { secretKey: SOMEBODY, publicKey: publicKeyOf(SOMEBODY) };
  return signEvent({ kind, created_at, tags, content: 'from elsewhere' }, key, new Uint8Array(32));
}
