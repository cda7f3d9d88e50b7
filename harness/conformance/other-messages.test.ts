import fc from 'fast-check';
import { expect, test } from 'vitest';
import { event, Trace } from '../../tests/support/trace.js';

const stored = event({ content: 'stored' });
const half = 'd'.repeat(64);
const GARBAGE = [
  'hello',
  '["REQ"]',
  '["REQ","odd"]',
  '["REQ","odd",{"kinds":"all"}]',
  '["COUNT","odd",7]',
  '["NEG-OPEN","neg",{},"61"]',
  `["EVENT",{"id":"${half}"}]`,
];

test('a right answer beside garbage is judged as ever, and a wrong one is found', () => {
  const trace = (answer: (trace: Trace) => Trace) => {
    const asked = new Trace({ loaded: [stored] }).req('right', {}).says('["REQ","odd",{"kinds":"all"}]');
    return answer(asked.gets('CLOSED', 'odd', 'invalid: filter'))
      .gets('EOSE', 'right')
      .finish();
  };
  expect(trace((asked) => asked.getsEvents('right', stored))).toMatchObject({ failed: [] });
  expect(trace((asked) => asked).failed).toEqual(['nip01/req/stored-set']);
  expect(trace((asked) => asked.gets('EOSE', 'nobody')).failed).toContain('nip01/req/known-subscription');
});

test('an id that was in garbage is judged no more, before and after a right REQ of that id', () => {
  const trace = new Trace({ loaded: [stored] }).req('odd', {}).says('["REQ","odd",{"kinds":"all"}]');
  trace.gets('CLOSED', 'odd', 'invalid: filter').gets('EOSE', 'odd').req('odd', {}).gets('EOSE', 'odd');
  trace.gets('EOSE', 'odd');
  expect(trace.thenFreshReq(true).finish().failed).toEqual([]);
});

test('an unknown label excuses a CLOSED, and nothing else', () => {
  const asked = () => new Trace().says('["NEG-OPEN","neg",{},"61"]');
  expect(asked().gets('CLOSED', 'neg', 'unsupported: NEG').finish().failed).toEqual([]);
  expect(asked().gets('EOSE', 'neg').finish().failed).toEqual(['nip01/req/known-subscription']);
});

test('without garbage on a connection nothing is excused; what was said on another doesn’t count', () => {
  for (const answer of [
    ['CLOSED', 'odd', 'invalid: what'],
    ['OK', half, false, 'invalid: what'],
  ]) {
    const trace = new Trace().says('["REQ"]').says('["EVENT",{}]').on(1);
    expect(trace.gets(...answer).finish().failed).toHaveLength(1);
  }
});

test('a connection that the relay ends for garbage is set aside', () => {
  const checkOf = (trace: Trace) =>
    trace
      .ends('relay')
      .finish()
      .report.conformance.checks.find(({ id }) => id === 'nip01/connection/ended');
  expect(checkOf(new Trace().says('hello'))).toMatchObject({ seen: 0, setAside: 1 });
  expect(checkOf(new Trace())).toMatchObject({ seen: 1, setAside: 0 });
});

test('no answer to garbage is held against a relay, whichever and how many', () => {
  const answers = fc.constantFrom(
    ['NOTICE', 'what?'],
    ['CLOSED', 'odd', 'invalid: what'],
    ['EOSE', 'odd'],
    ['EVENT', 'odd', stored],
    ['COUNT', 'odd', { count: 1 }],
    ['CLOSED', 'neg', 'error: what'],
    ['CLOSED', '', 'what?'],
    ['OK', half, false, 'invalid: what'],
  );
  const moves = fc.array(fc.oneof(fc.constantFrom(...GARBAGE), answers), { maxLength: 20 });
  fc.assert(
    fc.property(moves, (script) => {
      const trace = new Trace({ loaded: [stored] });
      // Every kind of it comes first: an answer may be to any that went out before.
      for (const text of GARBAGE) trace.says(text);
      for (const move of script) {
        if (typeof move === 'string') trace.says(move);
        else trace.gets(...move);
      }
      trace.req('right', {}).getsEvents('right', stored).gets('EOSE', 'right').thenFreshReq(true);
      expect(trace.finish().failed).toEqual([]);
    }),
  );
});
