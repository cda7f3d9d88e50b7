/** Mutants whose information document, COUNT or EOSE hints are wrong, and those that harm others. */
import { type HttpAnswer, type HttpTamper, textMessage } from '../../proxy/index.js';
import { type Mutant, made, tampered } from './mutant.js';
import { onDocument, saysInstead } from './rules.js';
import { type Elements, eachRule, sharingRule, UNALTERED } from './scene.js';

const LABELS = new Set<unknown>([
  'REQ',
  'EVENT',
  'CLOSE',
  'COUNT',
  'AUTH',
  'NEG-OPEN',
  'NEG-MSG',
  'NEG-CLOSE',
]);
const EVERYTHING_ELSE_WAITS_MS = 300;
const BUSY_FROM_REQS = 20;

/** The information document with another `limitation`. */
function stating(limits: Readonly<Record<string, unknown>>): HttpTamper {
  return onDocument((document) => ({ ...document, limitation: { ...document.limitation, ...limits } }));
}

function without(answer: HttpAnswer, header: string): HttpAnswer {
  const { [header]: _, ...headers } = answer.headers;
  return { ...answer, headers };
}

/** The first answer is genuine, so that the relay is known to claim NIP-11. */
function everySecond(alter: HttpTamper): () => HttpTamper {
  return () => {
    let asked = 0;
    return (answer) => {
      asked += 1;
      return asked % 2 === 0 ? alter(answer) : answer;
    };
  };
}

export const SERVICE_MUTANTS: readonly Mutant[] = [
  tampered('document-is-text', { breaks: 'Every second information document is no JSON.' }, UNALTERED, {
    http: everySecond((answer) => ({ ...answer, body: Buffer.from('Please use a Nostr client.') })),
  }),
  tampered(
    'document-as-html',
    { breaks: 'The information document is sent as text/html.', observed: true },
    UNALTERED,
    { http: () => (answer) => ({ ...answer, headers: { ...answer.headers, 'content-type': 'text/html' } }) },
  ),
  tampered('document-without-cors', { breaks: 'There are no CORS headers.' }, UNALTERED, {
    http: () => (answer) =>
      ['access-control-allow-origin', 'access-control-allow-headers', 'access-control-allow-methods'].reduce(
        without,
        answer,
      ),
  }),
  tampered(
    'limits-understated',
    { breaks: 'Stated limits are smaller than those that are kept.' },
    UNALTERED,
    {
      http: () => stating({ max_filters: 5, max_subscriptions: 5, max_limit: 10, max_message_length: 2_000 }),
    },
  ),
  tampered(
    'limits-overstated',
    { breaks: 'Stated limits are greater than those that are kept.' },
    UNALTERED,
    {
      http: () => stating({ max_subid_length: 200, max_event_tags: 500 }),
    },
  ),
  tampered('auth-overstated', { breaks: 'auth_required is stated, and everybody is served.' }, UNALTERED, {
    http: () => stating({ auth_required: true }),
  }),
  tampered('http-refused', { breaks: 'HTTP without upgrade gets no answer.', observed: true }, UNALTERED, {
    http: () => () => undefined,
  }),
  tampered(
    'count-off',
    { breaks: 'COUNT is one too many.', observed: true },
    saysInstead('COUNT', ([label, id, result]) => [
      [label, id, { ...(result as object), count: Number((result as { count?: unknown }).count) + 1 }],
    ]),
  ),
  tampered(
    'count-rounded',
    { breaks: 'Counts are rounded up to thousands.', caughtBy: ['nip45/off'], observed: true },
    saysInstead('COUNT', ([label, id, result]) => {
      const { count } = result as { count: number };
      return [[label, id, { count: 1_000 * Math.ceil((count + 1) / 1_000), approximate: true }]];
    }),
  ),
  tampered(
    'count-unanswered',
    { breaks: 'COUNT gets no answer.', caughtBy: ['nip45/answered'] },
    saysInstead('COUNT', () => []),
  ),
  tampered(
    'hint-a-string',
    { breaks: 'The third element of EOSE is a string.' },
    saysInstead('EOSE', ([, id]) => [['EOSE', id, 'finish']]),
  ),
  tampered(
    'finish-always',
    { breaks: 'Every EOSE says `finish`.' },
    saysInstead('EOSE', ([, id]) => [['EOSE', id, ['finish']]]),
  ),
  tampered(
    'failure-hidden',
    { breaks: 'Nothing is said of queries that fail.', observed: true },
    saysInstead('NOTICE', () => []),
  ),
  tampered('ping-ignored', { breaks: 'A ping gets no pong.' }, UNALTERED, { autoPong: false }),
  tampered(
    'deflate-unserved',
    { breaks: 'A client that offers compression is not served.' },
    eachRule((handshake) => ({
      fromClient: () => (handshake['sec-websocket-extensions'] === undefined ? undefined : []),
    })),
  ),
  made(
    'fragments-refused',
    { breaks: 'A message in fragments is never answered.' },
    { kind: 'no-fragments' },
  ),
  tampered(
    'garbage-harms',
    { breaks: 'After something that is no message, those who are there get no answers any more.' },
    sharingRule(
      () => ({ harmed: 0 }),
      (all) => {
        const { harmed } = all;
        return {
          fromClient([label], _scene, isBinary) {
            if (!LABELS.has(label) || isBinary) all.harmed += 1;
            return all.harmed > harmed ? [] : undefined;
          },
        };
      },
    ),
  ),
  tampered(
    'leaving-harms',
    { breaks: 'When a client leaves without closing, those who are there get no answers any more.' },
    sharingRule(
      () => new Set<{ isDeaf: boolean }>(),
      (all) => {
        const me = { isDeaf: false };
        all.add(me);
        const open = new OpenSubscriptions();
        return {
          fromClient(message) {
            open.sent(message);
            return me.isDeaf ? [] : undefined;
          },
          clientLeft() {
            all.delete(me);
            if (open.count > 0) for (const other of all) other.isDeaf = true;
          },
        };
      },
    ),
  ),
  tampered(
    'leaving-in-answer-harms',
    { breaks: 'When a client leaves in the middle of an answer, no other gets any more.' },
    sharingRule(
      () => ({ isOver: false }),
      (all) => {
        const open = new OpenSubscriptions();
        let got = 0;
        return {
          fromClient(message) {
            open.sent(message);
            return all.isOver ? [] : undefined;
          },
          fromRelay([label]) {
            got += label === 'EVENT' ? 1 : 0;
            return undefined;
          },
          clientLeft() {
            all.isOver ||= open.count > 0 && got > 0;
          },
        };
      },
    ),
  ),
  tampered(
    'small-first',
    { breaks: 'A small REQ is answered before a large one that came first.', observed: true },
    eachRule(() => ({
      fromRelay(message, scene) {
        const isLarge = (scene.subscription(message[1])?.events.length ?? 0) > 1;
        if (message[0] !== 'EOSE' || !isLarge) return undefined;
        setTimeout(() => scene.say(textMessage(JSON.stringify(message))), EVERYTHING_ELSE_WAITS_MS);
        return [];
      },
    })),
  ),
  tampered(
    'busy-with-one',
    { breaks: 'While one client has twenty REQs open, no other is answered.' },
    sharingRule(
      () => ({ busyWith: undefined as OpenSubscriptions | undefined }),
      (all) => {
        const open = new OpenSubscriptions();
        return {
          fromClient(message) {
            open.sent(message);
            if (open.count >= BUSY_FROM_REQS) all.busyWith ??= open;
            return all.busyWith === undefined || all.busyWith === open ? undefined : [];
          },
          clientLeft() {
            if (all.busyWith === open) all.busyWith = undefined;
          },
        };
      },
    ),
  ),
];

/** Those that a client has opened on one connection and not closed. */
class OpenSubscriptions {
  readonly #ids = new Set<unknown>();

  get count(): number {
    return this.#ids.size;
  }

  sent([label, id]: Elements): void {
    if (label === 'REQ') this.#ids.add(id);
    if (label === 'CLOSE') this.#ids.delete(id);
  }
}
