import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/**
 * A stream of random numbers. Only integer arithmetic and the exact operations of IEEE 754 are used on them
 * (`Math.log` may differ between engines), so a stream is the same on any machine.
 */
export interface RandomStream {
  /** A multiple of 2^-53 in [0, 1). */
  unit(): number;
  /** A whole number from 0 to `below` − 1. */
  below(below: number): number;
  /** `bytes` random bytes, in hex. */
  hex(bytes: number): string;
}

/** The stream of a seed for one purpose; streams of different purposes are independent of each other. */
export function randomStream(seed: number, ...purpose: readonly (string | number)[]): RandomStream {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, ...purpose]))
    .digest();
  const generator = xoroshiro128plusFromState([0, 4, 8, 12].map((offset) => digest.readInt32LE(offset)));
  return {
    unit: () => uniformFloat64(generator),
    below: (below) => uniformInt(generator, 0, below - 1),
    hex: (bytes) =>
      Array.from({ length: bytes }, () => uniformInt(generator, 0, 255).toString(16).padStart(2, '0')).join(
        '',
      ),
  };
}

/**
 * An exponentially distributed number with mean 1, by comparing uniform ones (J. von Neumann, "Various techniques
 * used in connection with random digits", 1951): no logarithm, so no rounding that an engine could choose.
 */
export function exponential(random: RandomStream): number {
  for (let whole = 0; ; whole += 1) {
    const first = random.unit();
    let previous = first;
    let falling = 1;
    for (let next = random.unit(); next < previous; next = random.unit()) {
      previous = next;
      falling += 1;
    }
    if (falling % 2 === 1) return whole + first;
  }
}
