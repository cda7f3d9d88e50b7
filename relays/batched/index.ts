/**
 * The batched strategy, after next.orly.dev as of October 2025 (docs/strategies.md, column O), with dedup: one message at
 * a time, one filter after another into one list, and everything sent at the end.
 */
import type { Strategy } from '../strategy.js';
import { BatchedConversation } from './conversation.js';

export const batched: Strategy = {
  name: 'batched',
  converse: (connection, substrate) => new BatchedConversation(connection, substrate),
};

export default batched;
