import { createHash } from 'node:crypto';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { Random } from '../../harness/corpus/random.js';

/** The random numbers of a seed for one purpose. */
export function randomOf(seed: number, purpose: string | number): Random {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, purpose]))
    .digest();
  return new Random(xoroshiro128plusFromState([0, 4, 8, 12].map((at) => digest.readInt32LE(at))));
}
