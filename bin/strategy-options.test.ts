import { Command } from 'commander';
import { expect, test } from 'vitest';
import { InputError } from '../harness/errors.js';
import { DEFAULT_BATCHED } from '../relays/relay.js';
import { addStrategyOptions, batchedOf, membersOf, type StrategyOptions } from './strategy-options.js';

const HEX = 'ab'.repeat(32);

function parsed(...args: string[]): StrategyOptions {
  return addStrategyOptions(new Command()).parse(args, { from: 'user' }).opts<StrategyOptions>();
}

test('nothing given leaves the defaults', () => {
  expect(batchedOf(parsed())).toEqual(DEFAULT_BATCHED);
  expect(Object.values(membersOf(parsed())).flat()).toEqual([]);
});

test('members can be given several times, each at its level', () => {
  const other = 'cd'.repeat(32);
  expect(membersOf(parsed('--admin', HEX, '--admin', other, '--writer', HEX))).toMatchObject({
    admin: [HEX, other],
    write: [HEX],
  });
  expect(() => parsed('--admin', 'npub1x')).toThrow(InputError);
});

test('options of batched and deviations', () => {
  const options = parsed('--no-dedup', '--cache-ttl', '5', '--block-address', '10.', '--deviation', 'D8');
  expect(batchedOf(options)).toMatchObject({ dedup: false, cacheTtlMs: 5, blockAddresses: ['10.'] });
  expect(options.deviation).toEqual(['D8']);
  expect(() => parsed('--deviation', 'D99')).toThrow(InputError);
});
