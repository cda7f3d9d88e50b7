import type { MalformedMessage, ReceivedMessage } from '../client/message.js';
import { NS_PER_MS } from '../clock.js';
import { okOnce } from './checks/event.js';
import type { Connection } from './connection.js';
import type { Deliveries } from './deliveries.js';
import type { EventHistory } from './event-history.js';
import type { DistantNotice } from './judge.js';
import { judgeRefusal } from './refusals.js';
import type { Verdicts } from './verdicts.js';

type Answer = Omit<Extract<DistantNotice, { kind: 'answered' }>, 'kind'>;

/** Whether an OK says that the relay had the event before. */
export function isDuplicate(reason: string): boolean {
  return reason.startsWith('duplicate:');
}

/** Judges the OKs that EVENT and AUTH are owed. */
export class Acknowledgements {
  readonly #deadlineNs: number;
  #late = 0;
  #lost = 0;

  constructor(
    private readonly history: EventHistory,
    private readonly deliveries: Deliveries,
    private readonly verdicts: Verdicts,
    deadlineMs: number,
  ) {
    this.#deadlineNs = deadlineMs * NS_PER_MS;
  }

  /** OKs that came after the deadline, and those that never came. */
  get late(): number {
    return this.#late;
  }
  get lost(): number {
    return this.#lost;
  }

  /** @param known what an EVENT carries, by its number, or whose AUTH it is. */
  sent(
    connection: Connection,
    id: string,
    known: { readonly number: number } | { readonly identity: string },
    atNs: number,
  ): void {
    if ('identity' in known && !connection.identities.has(known.identity)) {
      connection.identities.set(known.identity, Number.POSITIVE_INFINITY);
    }
    const owed = connection.acknowledgements.get(id);
    if (owed) {
      owed.sent += 1;
      owed.sentNs = atNs;
    } else {
      connection.acknowledgements.set(id, {
        id,
        number: 'number' in known ? known.number : undefined,
        identity: 'identity' in known ? known.identity : undefined,
        sent: 1,
        got: 0,
        sentNs: atNs,
      });
    }
  }

  got(connection: Connection, message: Extract<ReceivedMessage, { label: 'OK' }>, atNs: number): void {
    const { id, accepted, reason } = message;
    const owed = connection.acknowledgements.get(id);
    const evidence = connection.evidence({ eventId: id });
    const counts = { sent: owed?.sent ?? 0, answered: owed?.got ?? 0 };
    this.verdicts.apply(okOnce, { case: 'ok', id, accepted, reason, ...counts }, evidence);
    if (!accepted) judgeRefusal(this.verdicts, connection, { answer: 'OK', reason }, evidence);
    if (!owed) return;
    if (owed.got < owed.sent && owed.sentNs + this.#deadlineNs < atNs) this.#late += 1;
    owed.got += 1;
    if (owed.number !== undefined) {
      this.answered({ known: owed.number, accepted, duplicate: isDuplicate(reason), atNs });
    } else if (accepted && owed.identity !== undefined) {
      const earlierNs = connection.identities.get(owed.identity) ?? atNs;
      connection.identities.set(owed.identity, Math.min(earlierNs, atNs));
    }
  }

  /** An OK answered an EVENT, on whatever connection. */
  answered({ known, accepted, duplicate, atNs }: Answer): void {
    if (accepted) this.history.accepted(known, atNs, duplicate);
    this.deliveries.answered(known);
  }

  gotMalformed(connection: Connection, { problem, about }: MalformedMessage): void {
    const id = about?.key ?? '';
    this.verdicts.apply(okOnce, { case: 'malformed', problem }, connection.evidence({ eventId: id }));
    const owed = connection.acknowledgements.get(id);
    if (owed && owed.got < owed.sent) owed.got += 1;
  }

  /** Whether an OK that should have come by now is missing. */
  isOverdue(connection: Connection, atNs: number): boolean {
    return connection.unacknowledged().some(({ sentNs }) => sentNs + this.#deadlineNs < atNs);
  }

  /** The connection ended: nothing is owed any more. */
  ended(connection: Connection): void {
    this.verdicts.setAside(okOnce, connection.unacknowledged().length);
  }

  /** EVENTs and AUTHs of an open connection that were never answered, at the end of the load. */
  judgeMissing(connection: Connection): void {
    const { freshReqAnswered } = connection;
    for (const { id } of connection.unacknowledged()) {
      const facts = { case: 'none', id, freshReqAnswered } as const;
      this.verdicts.apply(okOnce, facts, connection.evidence({ eventId: id }));
      if (freshReqAnswered !== undefined) this.#lost += 1;
    }
  }
}
