import type { ReceivedMessage, SentMessage } from '../client/message.js';
import type { Connection } from './connection.js';

type Other = Extract<SentMessage, { label: 'other' }>;

/**
 * What a client sent on a connection that no relay has to serve. A relay may answer it as it likes: by NOTICE, by CLOSED or OK
 * with what it took for an id, as if it had understood, or by ending the connection.
 */
export class OtherMessages {
  /** Ids of what was nearly a REQ or a COUNT: any answer may be to that. */
  readonly #asked = new Set<string>();
  /** Ids of anything else. */
  readonly #named = new Set<string>();
  #isAny = false;
  /** Something had no id that could be read, so its answer may name any. */
  #isNameless = false;
  #isNearlyEvent = false;

  get isAny(): boolean {
    return this.#isAny;
  }

  note({ of, id }: Other): void {
    this.#isAny = true;
    if (of === 'EVENT' || of === 'AUTH') this.#isNearlyEvent = true;
    else if (id === undefined) this.#isNameless = true;
    else if (of === 'REQ' || of === 'COUNT') this.#asked.add(id);
    else this.#named.add(id);
  }

  /** Whether messages with this subscription id can't be judged any more, though a right REQ may have it too. */
  hasAsked(id: string): boolean {
    return this.#asked.has(id);
  }

  /** Whether a message can be an answer to something of these. */
  mayBeAnsweredBy(
    message: ReceivedMessage,
    { subscriptions, counts, acknowledgements }: Connection,
  ): boolean {
    if (!this.#isAny) return false;
    switch (message.label) {
      case 'EVENT':
      case 'EOSE':
      case 'COUNT':
        return this.#asked.has(message.subscription);
      case 'CLOSED': {
        const { subscription: id } = message;
        if (this.#asked.has(id)) return true;
        return (this.#named.has(id) || this.#isNameless) && !subscriptions.has(id) && !counts.has(id);
      }
      case 'OK':
        return (this.#isNearlyEvent || this.#isNameless) && !acknowledgements.has(message.id);
      default:
        return false;
    }
  }
}
