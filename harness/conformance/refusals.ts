import { challengeKnown } from './checks/message.js';
import type { Connection } from './connection.js';
import type { Evidence, Verdicts } from './verdicts.js';

/** A CLOSED or OK false that says `auth-required:` is judged by whether the client could act upon it. */
export function judgeRefusal(
  verdicts: Verdicts,
  { challenged }: Connection,
  { answer, reason }: { readonly answer: string; readonly reason: string },
  evidence: Evidence,
): void {
  if (reason.startsWith('auth-required:')) verdicts.apply(challengeKnown, { challenged, answer }, evidence);
}
