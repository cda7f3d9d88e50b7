import { createHash } from 'node:crypto';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { Range, Weighted } from './specification.js';

const TWO_32 = 0x1_0000_0000;
const TWO_53 = 0x20_0000_0000_0000;

/**
 * Draws from one stream of xoroshiro128+. Only its 32-bit outputs are taken from the library; the distributions
 * are here, in arithmetic that IEEE 754 rounds exactly, because a corpus must come out the same everywhere.
 */
export class Random {
  readonly #generator: { next(): number };

  constructor(generator: { next(): number }) {
    this.#generator = generator;
  }

  /** A uniform integer in [0, 2^32). */
  uint32(): number {
    return this.#generator.next() >>> 0;
  }

  /** A uniform integer in [0, n) for 1 ≤ n ≤ 2^32. */
  below(n: number): number {
    const fair = TWO_32 - (TWO_32 % n);
    for (;;) {
      const drawn = this.uint32();
      if (drawn < fair) return drawn % n;
    }
  }

  /** A uniform multiple of 2^-53 in [0, 1). */
  fraction(): number {
    const high = this.uint32() >>> 11;
    return (high * TWO_32 + this.uint32()) / TWO_53;
  }

  /** A uniform integer of the inclusive range. */
  within(range: Range): number {
    return range.from + this.below(range.to - range.from + 1);
  }

  /** True in `percent` of 100 draws. */
  percent(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(choices: readonly T[]): T {
    const chosen = choices[this.below(choices.length)];
    if (chosen === undefined) throw new RangeError('nothing to pick from');
    return chosen;
  }

  weighted<T>(choices: readonly Weighted<T>[]): T {
    let left = this.below(choices.reduce((sum, { weight }) => sum + weight, 0));
    for (const { weight, value } of choices) {
      if (left < weight) return value;
      left -= weight;
    }
    throw new RangeError('nothing to pick from');
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.alloc(length);
    for (let at = 0; at < length; at++) bytes[at] = this.below(256);
    return bytes;
  }
}

/** The stream of this name and seed: independent of every other name and of how much those draw. */
export function randomStream(seed: number, name: string): Random {
  const state = createHash('sha256').update(`reqbench/random/${name}/${seed}`).digest();
  return new Random(xoroshiro128plusFromState([0, 4, 8, 12].map((at) => state.readInt32BE(at))));
}

/** Zipf's law with exponent 1 over the ranks 0 to n − 1: rank r has weight 1 / (r + 1). */
export class Zipf {
  readonly #cumulative: readonly number[];

  constructor(n: number) {
    let sum = 0;
    this.#cumulative = Array.from({ length: n }, (_, rank) => {
      sum += 1 / (rank + 1);
      return sum;
    });
  }

  /** A rank below `count`, which is at most n. */
  draw(random: Random, count: number = this.#cumulative.length): number {
    const target = random.fraction() * (this.#cumulative[count - 1] ?? 0);
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#cumulative[middle] ?? 0) > target) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
