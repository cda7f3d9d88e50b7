import { authMessage } from '../protocol/relay-message.js';
import type { Connection } from '../strategy.js';
import { asksForAuth } from './policy.js';

/** NIP-42: the challenge goes out once, at the latest right before the first refusal that AUTH could lift. */
export function challengeBefore(refusal: string, { session, outbox }: Connection): void {
  if (asksForAuth(refusal) && !session.isChallenged) outbox.message(authMessage(session.challenge()));
}
