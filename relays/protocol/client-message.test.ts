import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../relay.js';
import { readClientMessage } from './client-message.js';

const read = (text: string) => readClientMessage(text, DEFAULT_LIMITS);
const labels = fc.constantFrom('EVENT', 'REQ', 'CLOSE', 'AUTH', 'COUNT', 'x');

describe('reading what a client says', () => {
  test('never throws, and what is refused has a machine-readable prefix', () => {
    const envelope = fc
      .tuple(labels, fc.jsonValue(), fc.jsonValue())
      .map((message) => JSON.stringify(message));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), envelope), (text) => {
        const message = read(text);
        if ('reason' in message) expect(message.reason).toMatch(/^(invalid|unsupported): ./);
      }),
      { numRuns: 2_000 },
    );
  });

  test('says precisely what is wrong with a filter', () => {
    const reasonOf = (...filters: unknown[]) => {
      const message = read(JSON.stringify(['REQ', 's', ...filters]));
      return 'reason' in message ? message.reason : undefined;
    };
    expect(reasonOf({ kinds: [1.5] })).toBe('invalid: kinds is not a list of integers from 0 to 65535');
    expect(reasonOf({ '#p': ['A'.repeat(64)] })).toBe(
      'invalid: #p is not a list of 64-character lower-case hex strings',
    );
    expect(reasonOf({ '#tt': ['x'] })).toBe('unsupported: unknown filter key "#tt"');
    expect(reasonOf({ until: null })).toBe('invalid: until is not an integer');
    expect(reasonOf()).toBe('invalid: there is no filter');
    expect(
      reasonOf({ ids: [], authors: [], kinds: [], '#t': [], since: 0, until: 0, limit: 0 }),
    ).toBeUndefined();
  });

  test('counts the characters of a subscription id, not their code units', () => {
    expect(read(JSON.stringify(['REQ', '💜'.repeat(64), {}])).label).toBe('REQ');
    expect(read(JSON.stringify(['REQ', '💜'.repeat(65), {}])).label).toBe('bad-req');
  });

  test('keeps the sender’s order of fields and leaves out what NIP-01 does not define', () => {
    const fields = {
      content: 'x',
      id: 'a'.repeat(64),
      pubkey: 'b'.repeat(64),
      created_at: 1,
      kind: 1,
      tags: [['t', 'é']],
      sig: 'c'.repeat(128),
    };
    const jsonOf = (text: string) => {
      const message = read(text);
      return message.label === 'EVENT' ? Buffer.from(message.json).toString() : message.label;
    };
    expect(jsonOf(`[ "EVENT" , ${JSON.stringify(fields, null, 1)} ]`)).toBe(JSON.stringify(fields));
    const extended = jsonOf(JSON.stringify(['EVENT', { ...fields, extra: 1 }]));
    expect(Object.keys(JSON.parse(extended)).toSorted()).toEqual(Object.keys(fields).toSorted());
  });

  test('an event may have at most the stated number of tags', () => {
    const tags = [['t'], ['t']];
    const event = {
      id: 'a'.repeat(64),
      pubkey: 'b'.repeat(64),
      created_at: 1,
      kind: 1,
      tags,
      content: '',
      sig: 'c'.repeat(128),
    };
    const labelWith = (maxEventTags: number) =>
      readClientMessage(JSON.stringify(['EVENT', event]), { ...DEFAULT_LIMITS, maxEventTags }).label;
    expect([labelWith(2), labelWith(1)]).toEqual(['EVENT', 'bad-event']);
  });
});
