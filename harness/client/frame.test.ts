import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { event } from '../../tests/support/trace.js';
import { createFrameReader, MAX_PARSED_BYTES } from './frame.js';
import { createKnownEvents } from './known-events.js';

const note = event({
  at: 1,
  content: 'a "quoted" word, \\ and 🤙\n',
  tags: [
    ['t', 'x'],
    ['p', 'y', 'z'],
  ],
});
const other = event({ at: 2 });
const known = () => createKnownEvents([JSON.stringify(note), JSON.stringify(other)]);
const read = (text: string | Buffer, registry = known()) =>
  createFrameReader(registry).read(Buffer.from(text), false);

describe('an event that the harness gave', () => {
  it('is known by its bytes, and parsed only when it is asked for', () => {
    const message = read(`["EVENT","sub",${JSON.stringify(note)}]`);
    expect(message).toMatchObject({ label: 'EVENT', subscription: 'sub', id: note.id, known: 0 });
    expect(message.label === 'EVENT' && message.event()).toEqual(note);
  });
  it.each([
    ['other spacing', `[ "EVENT" , "sub" , ${JSON.stringify(note, null, 2)} ]`],
    ['other escapes', `["EVENT","sub",${JSON.stringify(note).replace('🤙', '\\ud83e\\udd19')}]`],
    [
      'another order of fields',
      `["EVENT","sub",${JSON.stringify(Object.fromEntries(Object.entries(note).reverse()))}]`,
    ],
    ['fields of its own', `["EVENT","sub",${JSON.stringify({ ...note, seen: 1 })}]`],
    ['an escaped subscription id', `["EVENT","s\\u0075b",${JSON.stringify(note)}]`],
  ])('is known in a spelling with %s, the second time too', (_, text) => {
    const registry = known();
    const expected = { label: 'EVENT', subscription: 'sub', known: 0 };
    expect(read(text, registry)).toMatchObject(expected);
    expect(read(text, registry)).toMatchObject(expected);
  });
  it.each([
    ['as it was given', JSON.stringify(note)],
    ['with spaces', JSON.stringify(note).replace(/,"(\w+)":/g, ', "$1" : ')],
    [
      'with its id last',
      JSON.stringify(Object.fromEntries(Object.entries(note).reverse())).replaceAll('":', '": '),
    ],
  ])('is not parsed again once it came, %s', (_, json) => {
    const reader = createFrameReader(known());
    const payload = Buffer.from(`["EVENT","sub",${json}]`);
    reader.read(payload, false);
    const parse = vi.spyOn(JSON, 'parse');
    onTestFinished(() => parse.mockRestore());
    expect(reader.read(payload, false)).toMatchObject({ label: 'EVENT', subscription: 'sub', known: 0 });
    expect(reader.read(Buffer.from(`["EVENT","other",${json}]`), false)).toMatchObject({
      subscription: 'other',
      known: 0,
    });
    expect(parse).not.toHaveBeenCalled();
  });
  it.each([
    ['content', { ...note, content: 'altered' }],
    ['a tag', { ...note, tags: [['t', 'altered']] }],
    ['the signature', { ...note, sig: '0'.repeat(128) }],
  ])('is not known with %s altered', (_, altered) => {
    expect(read(`["EVENT","sub",${JSON.stringify(altered)}]`)).toMatchObject({
      label: 'EVENT',
      id: note.id,
      known: undefined,
    });
  });
  it('is told from one whose content only quotes it', () => {
    const quoting = event({ content: JSON.stringify(note) });
    const { id, ...rest } = quoting;
    const text = `["EVENT","sub",${JSON.stringify({ ...rest, id })}]`;
    expect(read(text)).toMatchObject({ id: quoting.id, known: undefined });
  });
  it('is known once it is published', () => {
    const registry = known();
    const published = event({ at: 3 });
    expect(registry.register(published, JSON.stringify(published))).toBe(2);
    expect(registry.register(published, JSON.stringify(published))).toBe(2);
    expect(read(`["EVENT","sub",${JSON.stringify(published)}]`, registry)).toMatchObject({ known: 2 });
  });
});

describe('each label', () => {
  it.each([
    ['["EOSE","a"]', { label: 'EOSE', subscription: 'a', extra: [] }],
    ['["EOSE","a",["finish"]]', { label: 'EOSE', subscription: 'a', extra: [['finish']] }],
    ['["CLOSED","a","error: no"]', { label: 'CLOSED', subscription: 'a', reason: 'error: no' }],
    ['["OK","x",false,"pow: 1"]', { label: 'OK', id: 'x', accepted: false, reason: 'pow: 1' }],
    ['["NOTICE","hi"]', { label: 'NOTICE', text: 'hi' }],
    ['["AUTH","xyz"]', { label: 'AUTH', challenge: 'xyz' }],
    ['["COUNT","a",{"count":3}]', { label: 'COUNT', subscription: 'a', count: 3, estimated: false }],
    [
      '["COUNT","a",{"count":3,"approximate":true}]',
      { label: 'COUNT', subscription: 'a', count: 3, estimated: true },
    ],
    [
      '["COUNT","a",{"count":3,"hll":"00"}]',
      { label: 'COUNT', subscription: 'a', count: 3, estimated: true },
    ],
    ['["NEG-MSG","a"]', { label: 'unknown', name: 'NEG-MSG' }],
  ])('%s is read', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });
  it.each([
    ['["OK","x",true]', { label: 'OK', key: 'x' }],
    ['["OK","x","true",""]', { label: 'OK', key: 'x' }],
    ['["EOSE"]', undefined],
    ['["EOSE",1]', undefined],
    ['["CLOSED","a"]', { label: 'CLOSED', key: 'a' }],
    ['["CLOSED","a","x","y"]', { label: 'CLOSED', key: 'a' }],
    ['["NOTICE",null]', undefined],
    ['["AUTH",{}]', undefined],
    ['["COUNT","a",3]', { label: 'COUNT', key: 'a' }],
    ['["COUNT","a",{"count":1e999}]', { label: 'COUNT', key: 'a' }],
    ['["EVENT","a"]', { label: 'EVENT', key: 'a' }],
    ['["EVENT","a",[]]', { label: 'EVENT', key: 'a' }],
    ['[]', undefined],
    ['{}', undefined],
    ['', undefined],
    ['["EOSE","a"', undefined],
  ])('%s is malformed', (text, about) => {
    expect(read(text)).toMatchObject({ label: 'malformed', text, ...(about && { about }) });
  });
  it.each([
    ['id', note.id.toUpperCase()],
    ['id', note.id.slice(1)],
    ['pubkey', 7],
    ['created_at', 1.5],
    ['created_at', '1'],
    ['kind', 65536],
    ['kind', -1],
    ['tags', [['a', null]]],
    ['tags', {}],
    ['content', null],
    ['sig', undefined],
  ])('an event with the %s %j is malformed', (field, value) => {
    const text = `["EVENT","a",${JSON.stringify({ ...note, [field]: value })}]`;
    expect(read(text)).toMatchObject({ label: 'malformed', about: { label: 'EVENT', key: 'a' } });
  });
  it('an event whose time is 1e999 is malformed', () => {
    const text = `["EVENT","a",${JSON.stringify(note).replace(/"created_at":\d+/, '"created_at":1e999')}]`;
    expect(read(text)).toMatchObject({ label: 'malformed' });
  });
  it('a binary frame is malformed, whatever is in it', () => {
    expect(createFrameReader(known()).read(Buffer.from('["EOSE","a"]'), true)).toMatchObject({
      label: 'malformed',
      about: { label: 'EOSE', key: 'a' },
    });
  });
});

describe('hostile input', () => {
  it('of 100 MB is not parsed', () => {
    expect(read(Buffer.alloc(100 * 2 ** 20, '['))).toEqual({ label: 'oversized', bytes: 100 * 2 ** 20 });
  });
  it('that nests as deep as is parsed does not throw', () => {
    const depth = 1_000_000;
    expect(read(`${'['.repeat(depth)}${']'.repeat(depth)}`)).toMatchObject({ label: 'malformed' });
    expect(MAX_PARSED_BYTES).toBeGreaterThan(depth);
  });
  it('in an endless subscription id does not throw', () => {
    expect(read(`["EVENT","${'x'.repeat(2 ** 20)}",${JSON.stringify(note)}]`)).toMatchObject({ known: 0 });
  });
  it('is quoted as it came, cut short', () => {
    const message = read(`${'\u001b[2J'.repeat(1000)}`);
    expect(message.label === 'malformed' && message.text.length).toBeLessThanOrEqual(300);
  });
  it('with two keys of one name is read like JSON.parse reads it', () => {
    const text = `["EVENT","a",{"id":"${other.id}",${JSON.stringify(note).slice(1)}]`;
    expect(read(text)).toMatchObject({ label: 'EVENT', id: note.id, known: 0 });
  });
  it('never throws, and never takes anything for a known event that is not', () => {
    const frame = `["EVENT","sub",${JSON.stringify(note)}]`;
    const reader = createFrameReader(known());
    fc.assert(
      fc.property(
        fc.nat(frame.length - 1),
        fc.uint8Array({ maxLength: 3 }),
        fc.boolean(),
        (at, bytes, isBinary) => {
          const original = Buffer.from(frame);
          const broken = Buffer.concat([original.subarray(0, at), bytes, original.subarray(at + 1)]);
          const message = reader.read(broken, isBinary);
          if (message.label === 'EVENT' && message.known === 0) {
            expect(JSON.parse(broken.toString())[2]).toMatchObject(note);
          }
        },
      ),
      { numRuns: 2000 },
    );
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void reader.read(Buffer.from(bytes), false)));
    fc.assert(fc.property(fc.json(), (text) => void reader.read(Buffer.from(text), false)));
  });
});

const realEvents = process.env.REQBENCH_REAL_EVENTS;
const notRun = realEvents ? '' : ' (not run: set REQBENCH_REAL_EVENTS)';

it.skipIf(!realEvents)(`every real event is known, as given and serialised anew${notRun}`, () => {
  const lines = readFileSync(realEvents ?? '', 'utf8')
    .trim()
    .split('\n');
  const reader = createFrameReader(createKnownEvents(lines));
  for (const [number, line] of lines.entries()) {
    for (const json of [line, JSON.stringify(JSON.parse(line))]) {
      const message = reader.read(Buffer.from(`["EVENT","sub",${json}]`), false);
      expect(message).toMatchObject({ label: 'EVENT', known: number });
    }
  }
});
