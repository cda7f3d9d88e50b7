/** Mutants that keep, replace, delete or let expire what they should not. */
import { matchFilters } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import { type Mutant, tampered } from './mutant.js';
import { answersEvents, remembering, withholds } from './rules.js';
import { type Elements, eventOf, type Scene } from './scene.js';

const DELETION = 5;

function isReplaceable({ kind }: NostrEvent): boolean {
  return kind === 0 || kind === 3 || (kind >= 10_000 && kind < 20_000) || isAddressable(kind);
}

function isAddressable(kind: number): boolean {
  return kind >= 30_000 && kind < 40_000;
}

function valuesOf({ tags }: NostrEvent, name: string): readonly string[] {
  return tags.flatMap(([key, value]) => (key === name && value !== undefined ? [value] : []));
}

function address(event: NostrEvent): string {
  return `${event.kind}:${event.pubkey}:${isAddressable(event.kind) ? (valuesOf(event, 'd')[0] ?? '') : ''}`;
}

/** With the stored answer, those of `events` that match it and are not in it. */
function also(eose: Elements, scene: Scene, events: readonly NostrEvent[]): readonly Elements[] | undefined {
  const seen = scene.subscription(eose[1]);
  if (eose[0] !== 'EOSE' || !seen) return undefined;
  const more = events.filter(
    (event) => matchFilters([...seen.filters], event) && !seen.events.some(({ id }) => id === event.id),
  );
  return [...more.map((event) => ['EVENT', eose[1], event]), eose];
}

export const VERSION_MUTANTS: readonly Mutant[] = [
  tampered(
    'versions-kept',
    { breaks: 'Every version of a replaceable event is served.' },
    remembering((events) => ({
      fromRelay: (message, scene) => also(message, scene, events.filter(isReplaceable)),
    })),
  ),
  tampered(
    'missing-d-apart',
    {
      breaks: 'An addressable event without a `d` tag is served beside one with an empty one.',
      observed: true,
    },
    remembering((events) => ({
      fromRelay: (message, scene) =>
        also(
          message,
          scene,
          events.filter((event) => isAddressable(event.kind) && valuesOf(event, 'd').length === 0),
        ),
    })),
  ),
  tampered(
    'last-written-wins',
    { breaks: 'Of a replaceable event the version that came last is served.' },
    remembering((events) => ({
      fromRelay(message) {
        const got = eventOf(message);
        if (!got || !isReplaceable(got.event)) return undefined;
        const last = events.findLast((event) => address(event) === address(got.event));
        return last && [['EVENT', got.id, last]];
      },
    })),
  ),
  tampered(
    'others-replace',
    { breaks: 'A version by another author replaces an addressable event.' },
    remembering((events) => ({
      fromRelay(message) {
        const got = eventOf(message);
        if (!got || !isAddressable(got.event.kind)) return undefined;
        const key = ({ kind, tags }: NostrEvent) =>
          JSON.stringify([kind, tags.find(([name]) => name === 'd')]);
        const newest = events
          .filter((event) => key(event) === key(got.event))
          .reduce((a, b) => (b.created_at > a.created_at ? b : a), got.event);
        return newest.id === got.event.id ? undefined : [];
      },
    })),
  ),
  tampered(
    'deletion-ignored',
    { breaks: 'Deletion requests get OK true and delete nothing.' },
    answersEvents(({ kind }) => kind === DELETION, true, ''),
  ),
  tampered(
    'deletion-unserved',
    { breaks: 'Deletion requests are not served.' },
    withholds(({ kind }) => kind === DELETION),
  ),
  tampered(
    'others-delete',
    { breaks: 'Deletion requests reach events of other authors.' },
    remembering((events) => ({
      fromRelay(message) {
        const got = eventOf(message);
        if (!got || got.event.kind === DELETION) return undefined;
        const deletions = events.filter(({ kind }) => kind === DELETION);
        const isDeleted = deletions.some(
          (deletion) =>
            valuesOf(deletion, 'e').includes(got.event.id) ||
            valuesOf(deletion, 'a').includes(address(got.event)),
        );
        return isDeleted ? [] : undefined;
      },
    })),
  ),
  tampered(
    'expired-kept',
    { breaks: 'Expirations are ignored.' },
    remembering((events) => ({
      fromRelay: (message, scene) =>
        also(
          message,
          scene,
          events.filter((event) => valuesOf(event, 'expiration').length > 0),
        ),
    })),
  ),
];
