/** A relay that speaks NIP-77 in the plainest way, made by a proxy, and mutants of it. */
import { type Filter, matchFilters } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import { type Making, type Mutant, type Mutation, tampered } from './mutant.js';
import { onDocument, remembering } from './rules.js';
import type { Elements } from './scene.js';

const VERSION = 0x61;
const UP_TO_THE_END = [0, 0];
const ID_LIST = 2;

interface Fault {
  readonly withholds?: boolean;
  readonly isSilent?: boolean;
}

/** Answers each message of a session with the ids of all events that match: one range, of which everything is told. */
function synchronising({ withholds = false, isSilent = false }: Fault): Mutation {
  return remembering((events) => {
    const sessions = new Map<unknown, Filter>();
    const reply = (id: unknown, hex: unknown): Elements => {
      const filter = sessions.get(id);
      if (!filter) return ['NEG-ERR', id, 'closed: there is no such session'];
      if (typeof hex !== 'string' || !/^61([0-9a-f]{2})+$/.test(hex)) {
        sessions.delete(id);
        return ['NEG-ERR', id, 'invalid: not a message of version 1'];
      }
      const found = events.filter((event) => matchFilters([filter], event));
      return ['NEG-MSG', id, idList(withholds ? found.slice(1) : found)];
    };
    return {
      fromClient([label, id, ...rest], scene) {
        if (label === 'NEG-CLOSE') sessions.delete(id);
        if (label === 'NEG-OPEN') sessions.set(id, rest[0] as Filter);
        if (label !== 'NEG-OPEN' && label !== 'NEG-MSG') return label === 'NEG-CLOSE' ? [] : undefined;
        const answer = reply(id, rest.at(-1));
        if (!isSilent || answer[0] !== 'NEG-ERR') scene.say(answer);
        return [];
      },
    };
  });
}

function idList(events: readonly NostrEvent[]): string {
  const ids = events.map(({ id }) => id).join('');
  return Buffer.from([VERSION, ...UP_TO_THE_END, ID_LIST, ...varint(events.length)]).toString('hex') + ids;
}

/** Base 128, the most significant digit first, the high bit on all but the last (NIP-77, appendix). */
function varint(value: number): readonly number[] {
  const digits = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    digits.unshift(128 + (rest % 128));
  }
  return digits;
}

const claiming = onDocument((document) => ({
  ...document,
  supported_nips: [...(document.supported_nips ?? []), 77],
}));

/** The relay of the stage `sync` without a fault. */
export const CLEAN_SYNC: Making = { kind: 'tamper', mutation: synchronising({}), http: () => claiming };

const at = { stage: 'sync' } as const;
const also = { http: () => claiming };

export const SYNC_MUTANTS: readonly Mutant[] = [
  tampered(
    'sync-withholds',
    { breaks: 'One event is left out of negentropy sessions.', ...at },
    synchronising({ withholds: true }),
    also,
  ),
  tampered(
    'sync-silent',
    { breaks: 'No NEG-ERR ever comes.', ...at },
    synchronising({ isSilent: true }),
    also,
  ),
  tampered(
    'sync-ignores-unknown',
    { breaks: 'A NEG-MSG of a session that was never opened gets no answer.', observed: true, ...at },
    synchronising({ isSilent: true }),
    also,
  ),
];
