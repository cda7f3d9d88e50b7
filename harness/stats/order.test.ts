import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roundOrders, turnOrders } from './order.js';

const NAMES = ['streaming', 'batched', 'null', 'mine', 'other', 'sixth'];

/** How often each key occurs, over all keys that could. */
function spread(counts: Iterable<number>): number {
  const all = [...counts];
  return Math.max(...all) - Math.min(...all);
}

function positionCounts(names: readonly string[], orders: readonly string[][]): number[] {
  return names.flatMap((name) => names.map((_, at) => orders.filter((order) => order[at] === name).length));
}

function precedenceCounts(names: readonly string[], orders: readonly string[][], next = false): number[] {
  return names.flatMap((first) =>
    names
      .filter((second) => second !== first)
      .map(
        (second) =>
          orders.filter((order) => {
            const distance = order.indexOf(second) - order.indexOf(first);
            return next ? distance === 1 : distance > 0;
          }).length,
      ),
  );
}

const cases = fc.record({
  n: fc.integer({ min: 1, max: 6 }),
  rounds: fc.integer({ min: 0, max: 30 }),
  seed: fc.integer(),
});

describe('roundOrders', () => {
  it('has every relay once in every round', () => {
    fc.assert(
      fc.property(cases, ({ n, rounds, seed }) => {
        const names = NAMES.slice(0, n);
        const orders = roundOrders(names, rounds, seed);
        expect(orders).toHaveLength(rounds);
        for (const order of orders) expect(order.toSorted()).toEqual(names.toSorted());
      }),
    );
  });

  it('has every relay equally often in each position, to within one round', () => {
    fc.assert(
      fc.property(cases, ({ n, rounds, seed }) => {
        const names = NAMES.slice(0, n);
        expect(spread(positionCounts(names, roundOrders(names, rounds, seed)))).toBeLessThanOrEqual(1);
      }),
    );
  });

  it.each([2, 3, 4, 5, 6])(
    'is exactly balanced in position, pair order and predecessor over a whole design (%i relays)',
    (n) => {
      const names = NAMES.slice(0, n);
      const orders = roundOrders(names, n % 2 === 0 ? n : 2 * n, 7);
      expect(spread(positionCounts(names, orders))).toBe(0);
      expect(spread(precedenceCounts(names, orders))).toBe(0);
      expect(spread(precedenceCounts(names, orders, true))).toBe(0);
    },
  );

  it('keeps the two orders of a pair close for any number of rounds of two relays and the floor', () => {
    for (let rounds = 1; rounds <= 24; rounds++) {
      const names = NAMES.slice(0, 3);
      const difference = spread(precedenceCounts(names, roundOrders(names, rounds, rounds)));
      expect(difference, `${rounds} rounds`).toBeLessThanOrEqual(rounds % 2 === 0 ? 2 : 1);
    }
  });

  it('has both orders of every pair in any two rounds that begin a design of an even number of relays', () => {
    for (const names of [NAMES.slice(0, 4), NAMES]) {
      expect(spread(precedenceCounts(names, roundOrders(names, 2, 1)))).toBe(0);
      expect(spread(precedenceCounts(names, roundOrders(names, names.length + 2, 1)))).toBe(0);
    }
  });

  it('is the same for the same seed, and begins differently for others', () => {
    expect(roundOrders(NAMES, 9, 42)).toEqual(roundOrders(NAMES, 9, 42));
    const firsts = new Set(Array.from({ length: 40 }, (_, seed) => roundOrders(NAMES, 1, seed)[0]?.[0]));
    expect(firsts.size).toBe(NAMES.length);
  });
});

describe('turnOrders', () => {
  it('alternates two relays, so that a machine that gets steadily slower favours neither', () => {
    expect(turnOrders(['a', 'b'], 4)).toEqual([
      ['a', 'b'],
      ['b', 'a'],
      ['a', 'b'],
      ['b', 'a'],
    ]);
  });

  it('has every relay equally often in each position, to within one turn', () => {
    fc.assert(
      fc.property(cases, ({ n, rounds }) => {
        const names = NAMES.slice(0, n);
        expect(spread(positionCounts(names, turnOrders(names, rounds)))).toBeLessThanOrEqual(1);
      }),
    );
  });
});
