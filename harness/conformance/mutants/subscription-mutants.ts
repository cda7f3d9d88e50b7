/** Mutants that break how the messages of a subscription follow each other. */
import { matchFilters } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import { type Mutant, tampered } from './mutant.js';
import { type Elements, eventOf, nth, type Outgoing, oneRule, type Scene } from './scene.js';

/** At the n-th EOSE, these messages instead. */
function atEose(n: number, instead: (eose: Elements, scene: Scene) => readonly Outgoing[] | undefined) {
  return oneRule(() => {
    const isTime = nth(n);
    return {
      fromRelay: (message, scene) =>
        message[0] === 'EOSE' && isTime() ? instead(message, scene) : undefined,
    };
  });
}

export const SUBSCRIPTION_MUTANTS: readonly Mutant[] = [
  tampered(
    'eose-dropped',
    { breaks: 'One EOSE never comes.', caughtBy: ['nip01/req/eose-once'] },
    atEose(4, () => []),
  ),
  tampered(
    'eose-doubled',
    { breaks: 'One EOSE comes twice.', caughtBy: ['nip01/req/eose-once'] },
    atEose(5, (eose) => [eose, eose]),
  ),
  tampered(
    'eose-after-closed',
    { breaks: 'One subscription is CLOSED and gets its EOSE afterwards.', caughtBy: ['nip01/req/eose-once'] },
    atEose(6, (eose) => [['CLOSED', eose[1], 'error: shutting down'], eose]),
  ),
  tampered(
    'event-after-closed',
    {
      breaks: 'One subscription is CLOSED and gets another EVENT.',
      caughtBy: ['nip01/closed/nothing-after'],
    },
    oneRule(() => {
      const isTime = nth(3);
      return {
        fromRelay(message, scene) {
          const last = scene.subscription(message[1])?.events.at(-1);
          if (message[0] !== 'EOSE' || !last || !isTime()) return undefined;
          return [
            ['CLOSED', message[1], 'error: shutting down'],
            ['EVENT', message[1], last],
          ];
        },
      };
    }),
  ),
  tampered(
    'event-for-nobody',
    {
      breaks: 'One EVENT comes for a subscription id that was never used.',
      caughtBy: ['nip01/req/known-subscription'],
    },
    oneRule(() => {
      const isTime = nth(20);
      return {
        fromRelay(message) {
          const got = eventOf(message);
          return got && isTime() ? [message, ['EVENT', 'nobody', got.event]] : undefined;
        },
      };
    }),
  ),
  tampered(
    'eose-for-nobody',
    {
      breaks: 'One EOSE comes for a subscription id that was never used.',
      caughtBy: ['nip01/req/known-subscription'],
    },
    atEose(4, (eose) => [eose, ['EOSE', 'nobody']]),
  ),
  tampered(
    'event-not-matching',
    {
      breaks: 'One answer holds an event that matches none of its filters.',
      caughtBy: ['nip01/req/matches-filter'],
    },
    oneRule(() => {
      const isTime = nth(3);
      const seen: NostrEvent[] = [];
      return {
        fromRelay(message, scene) {
          const got = eventOf(message);
          if (got && seen.length < 50) seen.push(got.event);
          const filters = scene.subscription(message[1])?.filters;
          if (message[0] !== 'EOSE' || !filters) return undefined;
          const stranger = seen.find((event) => !matchFilters([...filters], event));
          return stranger && isTime() ? [['EVENT', message[1], stranger], message] : undefined;
        },
      };
    }),
  ),
  tampered(
    'closed-without-prefix',
    {
      breaks: 'One CLOSED says why without a machine-readable prefix.',
      caughtBy: ['nip01/closed/prefix'],
    },
    atEose(5, (eose) => [['CLOSED', eose[1], 'Sorry']]),
  ),
  tampered(
    'delivers-after-close',
    {
      breaks: 'CLOSE is not heard: subscriptions stay open, and what matches goes on coming.',
    },
    oneRule(() => ({ fromClient: ([label]) => (label === 'CLOSE' ? [] : undefined) })),
  ),
];
