/** Labels of messages from clients that are counted apart; anything else is `other`. */
export const RECEIVED_LABELS = ['EVENT', 'REQ', 'CLOSE', 'COUNT', 'AUTH', 'other'] as const;

export type ReceivedLabel = (typeof RECEIVED_LABELS)[number];

const LABEL = /^\s*\[\s*"(EVENT|REQ|CLOSE|COUNT|AUTH)"/;

/** The label of a message, from its beginning alone: for counting, long before it is read. */
export function labelOf(text: string): ReceivedLabel {
  switch (LABEL.exec(text)?.[1]) {
    case 'EVENT':
      return 'EVENT';
    case 'REQ':
      return 'REQ';
    case 'CLOSE':
      return 'CLOSE';
    case 'COUNT':
      return 'COUNT';
    case 'AUTH':
      return 'AUTH';
    default:
      return 'other';
  }
}

/** `["OK","` and 64 characters of id come before this. */
const OK_VERDICT_AT = 71;

/** What a message of the relay refuses, if it does: a REQ or COUNT by CLOSED, an EVENT or AUTH by OK false. */
export function refusalIn(message: string): 'closed' | 'ok-false' | undefined {
  if (message.startsWith('["CLOSED"')) return 'closed';
  return message.startsWith('["OK"') && !message.startsWith('",true', OK_VERDICT_AT) ? 'ok-false' : undefined;
}

/** What one connection, or all of them together, have said and were told: plain sums, an addition each. */
export class TrafficCounters {
  readonly received: Record<ReceivedLabel, number> = {
    EVENT: 0,
    REQ: 0,
    CLOSE: 0,
    COUNT: 0,
    AUTH: 0,
    other: 0,
  };
  bytesReceived = 0;
  /** Stored events. */
  eventsSent = 0;
  liveDeliveries = 0;
  /** REQs that were answered by CLOSED. */
  closed = 0;
  /** EVENTs and AUTHs that were answered by OK false. */
  rejected = 0;

  countMessage(message: string): void {
    const refusal = refusalIn(message);
    if (refusal === 'closed') this.closed += 1;
    if (refusal === 'ok-false') this.rejected += 1;
  }

  /** Adds the sums of a connection that has ended, or is still going on. */
  add(other: TrafficCounters): void {
    for (const label of RECEIVED_LABELS) this.received[label] += other.received[label];
    this.bytesReceived += other.bytesReceived;
    this.eventsSent += other.eventsSent;
    this.liveDeliveries += other.liveDeliveries;
    this.closed += other.closed;
    this.rejected += other.rejected;
  }
}
