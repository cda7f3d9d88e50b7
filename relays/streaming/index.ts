/**
 * The streaming strategy, after Khatru (docs/strategies.md): messages are worked on at once, the filters of a REQ run
 * at once, each event goes out as its source hands it over, and AUTH is asked for when something is refused.
 */
import type { Strategy } from '../strategy.js';
import { StreamingConversation } from './conversation.js';

export const streaming: Strategy = {
  name: 'streaming',
  converse: (connection, substrate) => new StreamingConversation(connection, substrate),
};

export default streaming;
