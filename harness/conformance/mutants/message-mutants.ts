/** Mutants that break the form of messages, the connection, or AUTH. */
import type { NostrEvent } from 'nostr-tools/pure';
import { textMessage } from '../../proxy/index.js';
import { type Mutant, tampered } from './mutant.js';
import { nth, type Outgoing, oneRule } from './scene.js';

/** After the n-th EOSE of the relay, this message too. */
function also(n: number, message: () => Outgoing) {
  return oneRule(() => {
    const isTime = nth(n);
    return { fromRelay: (eose) => (eose[0] === 'EOSE' && isTime() ? [eose, message()] : undefined) };
  });
}

const WELL_FORMED = ['nip01/message/well-formed'] as const;
const OVER_16_MIB = 17 * 1024 * 1024;

export const MESSAGE_MUTANTS: readonly Mutant[] = [
  tampered(
    'json-cut',
    { breaks: 'One message is JSON that was cut off.', caughtBy: WELL_FORMED },
    also(4, () => textMessage('["NOTICE","half')),
  ),
  tampered(
    'binary-frame',
    { breaks: 'One EOSE comes in a binary frame.', caughtBy: WELL_FORMED },
    oneRule(() => {
      const isTime = nth(4);
      return {
        fromRelay: (message) =>
          message[0] === 'EOSE' && isTime()
            ? [{ payload: Buffer.from(JSON.stringify(message)), isBinary: true }]
            : undefined,
      };
    }),
  ),
  tampered(
    'not-utf8',
    { breaks: 'One text frame is not UTF-8.', caughtBy: WELL_FORMED },
    also(4, () => ({ payload: Buffer.from('["NOTICE","\xff\xfe"]', 'latin1'), isBinary: false })),
  ),
  tampered(
    'object-sent',
    { breaks: 'One message is an object, not an array.', caughtBy: WELL_FORMED },
    also(4, () => textMessage('{"notice":"hello"}')),
  ),
  tampered(
    'notice-of-number',
    { breaks: 'The message of one NOTICE is a number.', caughtBy: WELL_FORMED },
    also(4, () => ['NOTICE', 42]),
  ),
  tampered(
    'count-without-count',
    { breaks: 'One COUNT comes without a number.', caughtBy: WELL_FORMED },
    also(4, () => ['COUNT', 'c1', { approximate: true }]),
  ),
  tampered(
    'label-unknown',
    {
      breaks: 'One message has a label that no NIP defines.',
      caughtBy: ['nip01/message/unknown-label'],
      observed: true,
    },
    also(4, () => ['GREETING', 'hello']),
  ),
  tampered(
    'message-oversized',
    {
      breaks: 'One NOTICE has 17 MiB.',
      caughtBy: ['nip01/message/oversized'],
      observed: true,
    },
    also(4, () => ['NOTICE', 'x'.repeat(OVER_16_MIB)]),
  ),
  tampered(
    'connection-cut',
    {
      breaks: 'One connection is cut in the middle of a conversation.',
      caughtBy: ['nip01/connection/ended'],
      observed: true,
    },
    oneRule(() => {
      const isTime = nth(4);
      return {
        fromRelay(message, scene) {
          if (message[0] === 'EOSE' && isTime()) scene.cut();
          return undefined;
        },
      };
    }),
  ),
  tampered(
    'challenge-dropped',
    {
      breaks: 'auth-required: comes, but never a challenge.',
      caughtBy: ['nip42/challenge-known'],
      load: 'auth',
      stage: 'auth-required',
    },
    oneRule(() => ({ fromRelay: ([label]) => (label === 'AUTH' ? [] : undefined) })),
  ),
  tampered(
    'auth-event-leaked',
    {
      breaks: 'The AUTH event of one client is sent to another.',
      caughtBy: ['nip42/no-22242'],
      load: 'auth',
    },
    oneRule(() => {
      const isTime = nth(3);
      let leaked: NostrEvent | undefined;
      return {
        fromClient([label, event]) {
          if (label === 'AUTH') leaked ??= event as NostrEvent;
          return undefined;
        },
        fromRelay(message, scene) {
          const isAnyKind = scene.subscription(message[1])?.filters.some(({ kinds }) => !kinds);
          if (message[0] !== 'EOSE' || !isAnyKind || !leaked || !isTime()) return undefined;
          return [['EVENT', message[1], leaked], message];
        },
      };
    }),
  ),
];
