/**
 * The batched strategy, after next.orly.dev as of October 2025 (docs/strategies.md, column O), with dedup: one message at
 * a time, one filter after another into one list, and everything sent at the end. What its successor added is an option
 * each: `BatchedSettings`.
 */
import type { Strategy, Substrate } from '../strategy.js';
import { admitsAddress } from './addresses.js';
import { ResultCache } from './cache.js';
import { BatchedConversation } from './conversation.js';

/** One for all connections of a relay. */
const caches = new WeakMap<Substrate, ResultCache>();

export const batched: Strategy = {
  name: 'batched',
  admits: (address, settings) => admitsAddress(address, settings.batched),
  converse: (connection, substrate) => new BatchedConversation(connection, substrate, cacheOf(substrate)),
};

export default batched;

function cacheOf(substrate: Substrate): ResultCache {
  const known = caches.get(substrate);
  if (known !== undefined) return known;
  const cache = new ResultCache(substrate.settings.batched.cacheTtlMs, substrate.held);
  caches.set(substrate, cache);
  return cache;
}
