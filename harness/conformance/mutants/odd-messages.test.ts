import { describe, expect, it } from 'vitest';
import { event } from '../../../tests/support/trace.js';
import { type HttpAnswer, textMessage, type WireMessage } from '../../proxy/index.js';
import { MUTANTS } from './catalogue.js';

const note = event({ at: 10, tags: [['d', 'x']] });

/** What probes send beside what is right, in the order of a conversation. */
const FROM_CLIENT: readonly WireMessage[] = [
  ...[
    ['EVENT', { ...note, id: 'a'.repeat(64), kind: 30_000, tags: { d: 'x' } }],
    ['EVENT', { ...note, id: 'b'.repeat(64), tags: [[1]], content: 7 }],
    ['EVENT', { ...note, id: 'c'.repeat(64), kind: '1', pubkey: undefined }],
    ['EVENT', null],
    ['EVENT'],
    ['REQ', 'a', 'kinds'],
    ['REQ', 'b', null, { ids: 7, kinds: 'x', '#t': 5 }],
    ['REQ', 7, {}],
    ['REQ', 'a', { kinds: [30_000], authors: [note.pubkey], '#d': ['x'] }],
    ['AUTH', null],
    ['COUNT', 'c', 5],
    ['NEG-OPEN', 'n', null, 7],
    ['NEG-MSG', 'n'],
    [{}],
    [],
  ].map((message) => textMessage(JSON.stringify(message))),
  textMessage('{"EVENT":1}'),
  textMessage('no JSON'),
  { payload: Buffer.from([0, 255]), isBinary: true },
];

const FROM_RELAY: readonly WireMessage[] = [
  ['EVENT', 'a', { ...note, kind: 30_000 }],
  ['EOSE', 'a'],
  ['EOSE', 'b'],
  ['OK', note.id, true, ''],
  ['CLOSED', 'a', 'error: x'],
  ['NOTICE', 'x'],
].map((message) => textMessage(JSON.stringify(message)));

const ENGLISH: HttpAnswer = {
  status: 200,
  headers: { 'content-type': 'text/plain' },
  body: Buffer.from('Please use a Nostr client.'),
};

describe('a mutant takes whatever a probe sends, and whatever page the relay shows', () => {
  it.each(MUTANTS.flatMap(({ id, how }) => (how.kind === 'tamper' ? [{ id, how }] : [])))(
    '$id',
    ({ how }) => {
      const way = { toRelay: () => {}, toClient: () => {}, cut: () => {} };
      const tamper = how.mutation()({});
      for (const message of FROM_CLIENT) expect(() => tamper.fromClient(message, way)).not.toThrow();
      for (const message of FROM_RELAY) expect(() => tamper.fromRelay(message, way)).not.toThrow();
      expect(() => how.http?.()(ENGLISH)).not.toThrow();
    },
  );
});
