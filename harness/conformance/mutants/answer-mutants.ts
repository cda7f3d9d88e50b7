/** Mutants whose stored or live answers hold the wrong events, or in the wrong order. */
import type { Filter } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import { type Mutant, tampered } from './mutant.js';
import { type Elements, eventOf, nth, oneRule, type Scene, type Seen } from './scene.js';

const PROFILE = 0;
const EPHEMERAL_KINDS = [20_000, 29_999] as const;

/** An EVENT of the stored answer to a REQ with one filter, whose events have only that to be judged by. */
function storedOfOne(message: Elements, scene: Scene): { seen: Seen; event: NostrEvent } | undefined {
  const got = eventOf(message);
  const seen = got && scene.subscription(got.id);
  return seen?.phase === 'stored' && seen.filters.length === 1
    ? { seen, event: got?.event as NostrEvent }
    : undefined;
}

/** A stored event that is held back until it is known what follows it. */
interface Held {
  readonly seen: Seen;
  readonly message: Elements;
  readonly event: NostrEvent;
}

/** Sends the first event of a pair for which `isPair` holds after the second; the first such pair of all answers. */
function swapped(isPair: (first: NostrEvent, second: NostrEvent, limit: number | undefined) => boolean) {
  return oneRule(() => {
    let done = false;
    let held: Held | undefined;
    const follows = ({ seen, event, message: first }: Held, message: Elements, stored: Held | undefined) => {
      if (stored?.seen === seen && isPair(event, stored.event, seen.filters[0]?.limit)) {
        done = true;
        return [message, first];
      }
      held = stored;
      return stored ? [first] : [first, message];
    };
    return {
      fromRelay(message, scene) {
        if (done) return undefined;
        const found = storedOfOne(message, scene);
        const stored = found && { ...found, message };
        // Other subscriptions have nothing to do with what is held back.
        if (held)
          return scene.subscription(message[1]) === held.seen ? follows(held, message, stored) : undefined;
        held = stored;
        return stored ? [] : undefined;
      },
    };
  });
}

function filterOf(seen: Seen | undefined): Filter | undefined {
  return seen?.filters.length === 1 ? seen.filters[0] : undefined;
}

export const ANSWER_MUTANTS: readonly Mutant[] = [
  tampered(
    'stored-swapped',
    {
      breaks: 'Two stored events of one answer to a filter with a limit change places.',
      caughtBy: ['nip01/req/stored-order'],
    },
    swapped((first, second, limit) => limit !== undefined && first.created_at > second.created_at),
  ),
  tampered(
    'unlimited-swapped',
    {
      breaks: 'Two stored events of one answer to a filter without a limit change places.',
      caughtBy: ['nip01/req/unlimited-order'],
      observed: true,
    },
    // Profiles were written a moment ago, so that one may be taken for a late live event.
    swapped(
      (first, second, limit) =>
        limit === undefined && first.kind !== PROFILE && first.created_at > second.created_at,
    ),
  ),
  tampered(
    'tie-swapped',
    {
      breaks: 'Two stored events with one created_at change places.',
      caughtBy: ['nip01/req/tie-order'],
      observed: true,
    },
    swapped((first, second, limit) => limit !== undefined && first.created_at === second.created_at),
  ),
  tampered(
    'stored-withheld',
    {
      breaks: 'One stored event is left out of the middle of an answer.',
      caughtBy: ['nip01/req/stored-set'],
    },
    oneRule(() => {
      const isTime = nth(2);
      return {
        fromRelay(message, scene) {
          const stored = storedOfOne(message, scene);
          return stored?.seen.events.length === 2 && isTime() ? [] : undefined;
        },
      };
    }),
  ),
  tampered(
    'stored-after-eose',
    { breaks: 'One stored event comes again after EOSE.', caughtBy: ['nip01/req/stored-set'] },
    oneRule(() => {
      const isTime = nth(10);
      return {
        fromRelay(message, scene) {
          const seen = scene.subscription(message[1]);
          const first = seen?.events[0];
          // Only a subscription that gets live events is surely still open on the client's side.
          if (!eventOf(message) || seen?.phase !== 'live' || !first || !isTime()) return undefined;
          return [message, ['EVENT', message[1], first]];
        },
      };
    }),
  ),
  tampered(
    'answer-capped',
    {
      breaks: 'An answer ends after three events, whatever the limit.',
      caughtBy: ['nip01/req/capped'],
      observed: true,
    },
    oneRule(() => ({
      fromRelay(message, scene) {
        const stored = storedOfOne(message, scene);
        return stored && stored.seen.events.length >= 3 ? [] : undefined;
      },
    })),
  ),
  tampered(
    'limit-exceeded',
    {
      breaks: 'A REQ with a limit gets three events more.',
      caughtBy: ['nip01/req/stored-set', 'nip01/req/limit'],
    },
    oneRule(() => {
      const isTime = nth(3);
      return {
        fromClient([label, id, ...filters]) {
          const [filter] = filters as readonly Filter[];
          if (label !== 'REQ' || filters.length !== 1 || (filter?.limit ?? 0) < 5 || !isTime())
            return undefined;
          return [['REQ', id, { ...filter, limit: (filter?.limit ?? 0) + 3 }]];
        },
      };
    }),
  ),
  tampered(
    'stored-twice',
    {
      breaks: 'One stored event comes twice in one answer.',
      caughtBy: ['nip01/req/duplicates'],
      observed: true,
    },
    oneRule(() => {
      const isTime = nth(10);
      return {
        fromRelay: (message, scene) =>
          storedOfOne(message, scene) && isTime() ? [message, message] : undefined,
      };
    }),
  ),
  tampered(
    'live-lost',
    { breaks: 'One live event of 1,200 is lost.', caughtBy: ['nip01/live/delivered'] },
    oneRule(() => {
      let live = 0;
      return {
        fromRelay(message, scene) {
          if (!eventOf(message) || scene.subscription(message[1])?.phase !== 'live') return undefined;
          live += 1;
          return live === 100 ? [] : undefined;
        },
      };
    }),
  ),
  tampered(
    'superseded-served',
    {
      breaks: 'The version before the latest of a replaceable event is served too.',
      caughtBy: ['nip01/event/superseded'],
    },
    oneRule(() => {
      const versions = new Map<string, NostrEvent>();
      return {
        fromClient([label, event]) {
          if (label !== 'EVENT') return undefined;
          const { kind, pubkey } = event as NostrEvent;
          if (kind === 0 && !versions.has(pubkey)) versions.set(pubkey, event as NostrEvent);
          return undefined;
        },
        fromRelay(message, scene) {
          const seen = scene.subscription(message[1]);
          const [author] = filterOf(seen)?.authors ?? [];
          const old = author === undefined ? undefined : versions.get(author);
          if (message[0] !== 'EOSE' || !old || !filterOf(seen)?.kinds?.includes(0)) return undefined;
          return seen?.events.some(({ id }) => id === old.id)
            ? undefined
            : [['EVENT', message[1], old], message];
        },
      };
    }),
  ),
  tampered(
    'ephemeral-stored',
    {
      breaks: 'Ephemeral events are kept and served.',
      caughtBy: ['nip01/event/ephemeral'],
      observed: true,
      load: 'ephemeral',
    },
    oneRule(() => {
      const kept: NostrEvent[] = [];
      return {
        fromClient([label, event]) {
          const { kind = 0 } = label === 'EVENT' ? (event as NostrEvent) : {};
          if (kind >= EPHEMERAL_KINDS[0] && kind <= EPHEMERAL_KINDS[1]) kept.push(event as NostrEvent);
          return undefined;
        },
        fromRelay(message, scene) {
          if (message[0] !== 'EOSE') return undefined;
          const kinds = filterOf(scene.subscription(message[1]))?.kinds ?? [];
          const served = kept.filter(({ kind }) => kinds.includes(kind));
          return [...served.map((event) => ['EVENT', message[1], event]), message];
        },
      };
    }),
  ),
];
