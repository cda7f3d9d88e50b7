import { describe, expect, test } from 'vitest';
import type { RelayEvent } from '../protocol/event.js';
import { readFilter } from '../protocol/filter-form.js';
import { type Listener, LiveIndex } from './live-index.js';

const hex = (n: number) => n.toString(16).padStart(64, '0');

function event(fields: Partial<RelayEvent> = {}): RelayEvent {
  return {
    id: hex(9),
    pubkey: hex(1),
    createdAt: 5,
    kind: 1,
    indexedTags: [],
    expiresAt: undefined,
    json: Buffer.alloc(0),
    ...fields,
  };
}

function listening(index: LiveIndex, json: object, afterSequence = 0) {
  const read = readFilter(json);
  if (!read.ok) throw new Error(read.reason);
  const delivered: RelayEvent[] = [];
  const listener: Listener = { filter: read.value, afterSequence, deliver: (e) => delivered.push(e) };
  index.add(listener);
  return { listener, delivered };
}

describe('the live index', () => {
  const tagged = event({ indexedTags: ['t', 'x', 't', 'y', 'p', hex(3)] });

  test.each([
    [{}, 1],
    [{ since: 5, until: 5 }, 1],
    [{ since: 6 }, 0],
    [{ ids: [hex(9), hex(8)] }, 1],
    [{ ids: [hex(8)] }, 0],
    [{ authors: [hex(1), hex(2)] }, 1],
    [{ authors: [hex(1)], kinds: [7] }, 0],
    [{ kinds: [1, 7] }, 1],
    [{ '#t': ['x', 'y'] }, 1],
    [{ '#t': ['x'], '#p': [hex(3), hex(4)] }, 1],
    [{ '#t': ['x'], authors: [hex(1), hex(2)] }, 1],
    [{ '#T': ['x'] }, 0],
    [{ kinds: [] }, 0],
    [{ limit: 0 }, 1],
  ])('delivers by %j %i time(s), and not after removal', (filter, times) => {
    const index = new LiveIndex();
    const { listener, delivered } = listening(index, filter);
    index.broadcast({ event: tagged, sequence: 1 });
    expect(delivered).toHaveLength(times);
    index.remove(listener);
    expect(index.size).toBe(0);
    index.broadcast({ event: tagged, sequence: 2 });
    expect(delivered).toHaveLength(times);
  });

  test('keeps to the sequence at which a listener was registered; ephemeral events have none', () => {
    const index = new LiveIndex();
    const { delivered } = listening(index, {}, 5);
    index.broadcast({ event: event(), sequence: 5 });
    expect(delivered).toHaveLength(0);
    index.broadcast({ event: event(), sequence: 6 });
    index.broadcast({ event: event(), sequence: undefined });
    expect(delivered).toHaveLength(2);
  });

  test('removing one of several under a key leaves the others', () => {
    const index = new LiveIndex();
    const [a, b] = [listening(index, { authors: [hex(1)] }), listening(index, { authors: [hex(1)] })];
    index.remove(a.listener);
    index.broadcast({ event: event(), sequence: 1 });
    expect([a.delivered.length, b.delivered.length]).toEqual([0, 1]);
  });

  test('looks at the listeners under the event’s own values only', () => {
    const index = new LiveIndex();
    let looked = 0;
    for (let i = 100; i < 200; i += 1) {
      const { listener } = listening(index, { authors: [hex(i)] });
      Object.defineProperty(listener, 'afterSequence', { get: () => (looked += 1) });
    }
    index.broadcast({ event: event({ pubkey: hex(150) }), sequence: 1 });
    expect(looked).toBe(1);
  });
});
