import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Stamped, StampOrder } from './stamp-order.js';

function takeAll<Item extends Stamped>(order: StampOrder<Item>): Item[] {
  const taken: Item[] = [];
  for (let item = order.take(); item; item = order.take()) taken.push(item);
  return taken;
}

test('nothing comes out while another place may have something older', () => {
  const order = new StampOrder<Stamped>(3);
  order.put(0, { atNs: 5 });
  order.complete(0, 9);
  order.complete(1, 9);
  expect(takeAll(order)).toEqual([]);
  order.complete(2, 4);
  expect(takeAll(order)).toEqual([]);
  order.put(2, { atNs: 5 });
  order.complete(2, 5);
  expect(takeAll(order)).toEqual([{ atNs: 5 }, { atNs: 5 }]);
});

test('whatever the places say and when, items come out in the order of their stamps, and all of them in the end', () => {
  const places = fc.array(fc.array(fc.nat(50)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(places, fc.infiniteStream(fc.nat(3)), (stamps, turns) => {
      const order = new StampOrder<Stamped>(stamps.length);
      const left = stamps.map((ofPlace) => [...ofPlace].sort((a, b) => a - b));
      const taken: Stamped[] = [];
      for (;;) {
        const busy = [...left.keys()].filter((place) => (left[place]?.length ?? 0) > 0);
        if (busy.length === 0) break;
        const place = busy[(turns.next().value ?? 0) % busy.length] ?? 0;
        order.put(place, { atNs: left[place]?.shift() ?? 0 });
        order.complete(place, (left[place]?.[0] ?? Number.POSITIVE_INFINITY) - 1);
        taken.push(...takeAll(order));
      }
      for (const place of stamps.keys()) order.complete(place, Number.POSITIVE_INFINITY);
      taken.push(...takeAll(order));
      expect(taken.map(({ atNs }) => atNs)).toEqual(stamps.flat().sort((a, b) => a - b));
    }),
  );
});

test('items of long queues are not lost where their front is cut off', () => {
  const order = new StampOrder<Stamped>(1);
  for (let atNs = 0; atNs < 5000; atNs += 1) order.put(0, { atNs });
  order.complete(0, 5000);
  expect(takeAll(order).map(({ atNs }) => atNs)).toEqual(Array.from({ length: 5000 }, (_, n) => n));
});
