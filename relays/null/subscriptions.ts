import { type CannedBook, eventFrame } from './canned-answers.js';

/** Whoever takes live events. */
export interface Subscriber {
  deliver(frame: Buffer): void;
}

export interface Subscription {
  readonly id: string;
  /** Index of the canned answer; undefined: filters that the script doesn't know. */
  readonly answer: number | undefined;
}

/** Open subscriptions of all connections, by the canned answer that they got. */
export class Subscriptions {
  readonly #bySubscriber = new Map<Subscriber, Map<string, Subscription>>();
  readonly #byAnswer = new Map<number, Map<Subscription, Subscriber>>();
  #count = 0;

  constructor(private readonly book: CannedBook) {}

  get count(): number {
    return this.#count;
  }

  /** Opens a subscription, or replaces the one with that id. */
  open(subscriber: Subscriber, subscription: Subscription): void {
    this.close(subscriber, subscription.id);
    entry(this.#bySubscriber, subscriber).set(subscription.id, subscription);
    if (subscription.answer !== undefined) {
      entry(this.#byAnswer, subscription.answer).set(subscription, subscriber);
    }
    this.#count++;
  }

  close(subscriber: Subscriber, id: string): void {
    const own = this.#bySubscriber.get(subscriber);
    const subscription = own?.get(id);
    if (!own || !subscription) return;
    own.delete(id);
    if (subscription.answer !== undefined) this.#byAnswer.get(subscription.answer)?.delete(subscription);
    this.#count--;
  }

  dropAll(subscriber: Subscriber): void {
    for (const id of this.#bySubscriber.get(subscriber)?.keys() ?? []) this.close(subscriber, id);
    this.#bySubscriber.delete(subscriber);
  }

  /** Sends a published event to the subscriptions that the script names. Equal subscription ids share a frame. */
  forward(eventId: string, event: Buffer): void {
    let frame: { readonly id: string; readonly bytes: Buffer } | undefined;
    for (const answer of this.book.deliveriesOf(eventId) ?? []) {
      for (const [subscription, subscriber] of this.#byAnswer.get(answer) ?? []) {
        if (frame?.id !== subscription.id) {
          frame = { id: subscription.id, bytes: eventFrame(subscription.id, event) };
        }
        subscriber.deliver(frame.bytes);
      }
    }
  }
}

function entry<K, K2, V>(map: Map<K, Map<K2, V>>, key: K): Map<K2, V> {
  const existing = map.get(key);
  if (existing) return existing;
  const created = new Map<K2, V>();
  map.set(key, created);
  return created;
}
