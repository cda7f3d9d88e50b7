import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/**
 * The order in which relays are measured in each round. Every name stands equally often in each position, every pair
 * equally often in either order, and each follows each other equally often, exactly whenever `rounds` is a multiple of n
 * (n even) or 2n (n odd), and otherwise as nearly as the number of rounds allows: so a machine that warms up or
 * slows down favours nobody. Deterministic from `seed`.
 *
 * @see E. J. Williams, "Experimental designs balanced for the estimation of residual effects of treatments",
 *   Australian Journal of Scientific Research A 2 (1949), 149–168
 */
export function roundOrders(names: readonly string[], rounds: number, seed: number): string[][] {
  const random = xoroshiro128plus(seed);
  const shuffled = [...names];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = uniformInt(random, 0, last);
    [shuffled[last], shuffled[other]] = [shuffled[other] ?? '', shuffled[last] ?? ''];
  }
  return counterbalanced(shuffled, rounds);
}

/**
 * The order in which the relays of a round have their turns, turn by turn: balanced as the rounds are, so that a machine
 * which gets faster or slower within the round favours nobody either. Of two relays: A B, B A, A B, B A, …
 *
 * @param order that of the round, which is another in each
 */
export function turnOrders(order: readonly string[], turns: number): string[][] {
  return counterbalanced(order, turns);
}

function counterbalanced(names: readonly string[], count: number): string[][] {
  const squares = williamsSquares(names);
  const surplus = new PairSurplus();
  const orders: string[][] = [];
  while (orders.length < count) {
    for (const square of squares) orders.push(...balancedSequence(square, surplus));
  }
  return orders.slice(0, count);
}

/**
 * Latin squares that together are a Williams design: one for an even number of names; for an odd number also its
 * mirror image. The first row is 0, 1, n−1, 2, n−2, …; the others are shifted by one each.
 */
function williamsSquares(names: readonly string[]): string[][][] {
  const n = names.length;
  const square = names.map((_, shift) =>
    names.map((_, position) => {
      const step = position % 2 === 1 ? (position + 1) / 2 : (n - position / 2) % n;
      return names[(step + shift) % n] ?? '';
    }),
  );
  return n % 2 === 0 ? [square] : [square, square.map((row) => row.toReversed())];
}

/** The rows of a square, each time the one that leaves the orders of pairs most even after those that went before. */
function balancedSequence(square: readonly string[][], surplus: PairSurplus): string[][] {
  const left = [...square];
  const sequence: string[][] = [];
  while (left.length > 0) {
    const additions = left.map((row) => surplus.addedBy(row));
    const [best = []] = left.splice(additions.indexOf(Math.min(...additions)), 1);
    surplus.take(best);
    sequence.push(best);
  }
  return sequence;
}

/** How much oftener each pair of names stood in the one order than in the other, over the rows that were taken. */
class PairSurplus {
  readonly #surplus = new Map<string, number>();

  /** Half of what a row would add to the sum of all surpluses' squares, but for what every row adds. */
  addedBy(row: readonly string[]): number {
    return pairsOf(row).reduce((sum, { key, sign }) => sum + sign * (this.#surplus.get(key) ?? 0), 0);
  }

  take(row: readonly string[]): void {
    for (const { key, sign } of pairsOf(row)) this.#surplus.set(key, (this.#surplus.get(key) ?? 0) + sign);
  }
}

function pairsOf(row: readonly string[]): readonly { readonly key: string; readonly sign: number }[] {
  return row.flatMap((first, position) =>
    row.slice(position + 1).map((second) => {
      return first < second
        ? { key: `${first} ${second}`, sign: 1 }
        : { key: `${second} ${first}`, sign: -1 };
    }),
  );
}
