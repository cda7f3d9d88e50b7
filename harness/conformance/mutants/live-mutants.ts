/** Mutants that open, replace and close subscriptions wrongly, or deliver the wrong live events. */
import type { NostrEvent } from 'nostr-tools/pure';
import { type Mutant, tampered } from './mutant.js';
import { answersReqs, published, withholds } from './rules.js';
import { eachRule, eventOf, oneRule } from './scene.js';

const LONGEST_ID = 64;
const LOST_ONE_IN = 50;
const DEAF_MS = 50;

function isEphemeral({ kind }: NostrEvent): boolean {
  return kind >= 20_000 && kind < 30_000;
}

export const LIVE_MUTANTS: readonly Mutant[] = [
  tampered(
    'live-dropped',
    { breaks: 'Nothing comes after EOSE.' },
    withholds((_event, phase) => phase === 'live'),
  ),
  tampered(
    'live-lost-often',
    { breaks: 'One live event in fifty is lost.' },
    oneRule(() => {
      let live = 0;
      return {
        fromRelay(message, scene) {
          if (!eventOf(message) || scene.subscription(message[1])?.phase !== 'live') return undefined;
          live += 1;
          return live % LOST_ONE_IN === 0 ? [] : undefined;
        },
      };
    }),
  ),
  tampered(
    'own-withheld',
    { breaks: 'A connection does not get what it published itself.' },
    eachRule(() => {
      const own = new Set<string>();
      return {
        fromClient(message) {
          const event = published(message);
          if (event) own.add(event.id);
          return undefined;
        },
        fromRelay(message) {
          const got = eventOf(message);
          return got && own.has(got.event.id) ? [] : undefined;
        },
      };
    }),
  ),
  tampered(
    'ephemeral-withheld',
    { breaks: 'Ephemeral events reach nobody.' },
    withholds((event) => isEphemeral(event)),
  ),
  tampered(
    'ids-shared',
    { breaks: 'A CLOSE ends that subscription id on every connection.' },
    oneRule(() => {
      const closed = new Set<unknown>();
      return {
        fromClient([label, id]) {
          if (label === 'CLOSE') closed.add(id);
          return undefined;
        },
        fromRelay: ([label, id]) => (label === 'EVENT' && closed.has(id) ? [] : undefined),
      };
    }),
  ),
  tampered(
    'close-ends-all',
    { breaks: 'A CLOSE ends all subscriptions of the connection.' },
    eachRule(() => {
      const open = new Set<unknown>();
      return {
        fromClient([label, id]) {
          if (label === 'REQ') open.add(id);
          if (label === 'CLOSE') open.clear();
          return undefined;
        },
        fromRelay: ([label, id]) => (label === 'EVENT' && !open.has(id) ? [] : undefined),
      };
    }),
  ),
  tampered(
    'replacement-unheard',
    { breaks: 'A REQ with a used id gets EOSE, and changes nothing.' },
    eachRule(() => {
      const used = new Set<unknown>();
      return {
        fromClient([label, id], scene) {
          if (label === 'CLOSE') used.delete(id);
          if (label !== 'REQ') return undefined;
          if (!used.has(id)) {
            used.add(id);
            return undefined;
          }
          scene.say(['EOSE', id]);
          return [];
        },
      };
    }),
  ),
  tampered(
    'replacement-deaf',
    { breaks: 'For 50 ms after the EOSE of a REQ with a used id, nothing live comes.' },
    eachRule(() => {
      const used = new Set<unknown>();
      const deafUntilMs = new Map<unknown, number>();
      return {
        fromClient([label, id]) {
          if (label === 'REQ' && used.has(id)) deafUntilMs.set(id, Number.POSITIVE_INFINITY);
          if (label === 'REQ') used.add(id);
          return undefined;
        },
        fromRelay(message, scene) {
          const [label, id] = message;
          if (label === 'EOSE' && deafUntilMs.has(id)) deafUntilMs.set(id, performance.now() + DEAF_MS);
          const isLive = label === 'EVENT' && scene.subscription(id)?.phase === 'live';
          return isLive && performance.now() < (deafUntilMs.get(id) ?? 0) ? [] : undefined;
        },
      };
    }),
  ),
  tampered(
    'short-id-ignored',
    { breaks: 'A subscription id of one character gets no answer.' },
    answersReqs(
      (id) => typeof id === 'string' && id.length === 1,
      () => [],
    ),
  ),
  tampered(
    'long-id-ignored',
    { breaks: 'A subscription id of 64 characters gets no answer.' },
    answersReqs(
      (id) => typeof id === 'string' && id.length === LONGEST_ID,
      () => [],
    ),
  ),
  tampered(
    'odd-id-cut',
    { breaks: 'A subscription id outside the rules ends the connection.', observed: true },
    answersReqs(
      (id) => typeof id !== 'string' || id === '' || id.length > LONGEST_ID,
      (_id, scene) => {
        scene.cut();
        return [];
      },
    ),
  ),
];
