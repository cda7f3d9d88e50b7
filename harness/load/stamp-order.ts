/** Something with the time at which it happened. */
export interface Stamped {
  readonly atNs: number;
}

/** Taken items are cut off when there are this many of them, so that taking one costs no copying. */
const CUT_AFTER = 1024;

/** A queue whose front is cut off now and then. */
class Queue<Item extends Stamped> {
  #items: Item[] = [];
  #taken = 0;
  /** Everything up to this stamp has been put in. */
  completeUntilNs = Number.NEGATIVE_INFINITY;

  put(item: Item): void {
    this.#items.push(item);
  }

  get first(): Item | undefined {
    return this.#items[this.#taken];
  }

  take(): void {
    this.#taken += 1;
    if (this.#taken < CUT_AFTER && this.#taken < this.#items.length) return;
    this.#items = this.#items.slice(this.#taken);
    this.#taken = 0;
  }

  takeAll(): Item[] {
    const left = this.#items.slice(this.#taken);
    this.#items = [];
    this.#taken = 0;
    return left;
  }
}

/**
 * Brings what happened in several places into one order. An item comes out once every place has said that it has nothing
 * older to add; so nothing that comes out is ever contradicted by what comes later. Within a place items are put in
 * the order of their stamps.
 */
export class StampOrder<Item extends Stamped> {
  readonly #queues: readonly Queue<Item>[];

  constructor(places: number) {
    this.#queues = Array.from({ length: places }, () => new Queue<Item>());
  }

  put(place: number, item: Item): void {
    this.#at(place).put(item);
  }

  /** Everything that happened at `place` up to `untilNs` has been put in. */
  complete(place: number, untilNs: number): void {
    const queue = this.#at(place);
    queue.completeUntilNs = Math.max(queue.completeUntilNs, untilNs);
  }

  /** The oldest item, if nothing older can come; of several at the same time, that of the first place. */
  take(): Item | undefined {
    let from: Queue<Item> | undefined;
    for (const queue of this.#queues) {
      const { first } = queue;
      if (first && (from?.first === undefined || first.atNs < from.first.atNs)) from = queue;
    }
    const oldest = from?.first;
    if (!oldest || !this.#nothingBefore(oldest.atNs)) return undefined;
    from?.take();
    return oldest;
  }

  /** Takes out everything that is left, whatever may come, place by place. */
  takeAll(): Item[] {
    return this.#queues.flatMap((queue) => queue.takeAll());
  }

  #nothingBefore(atNs: number): boolean {
    return this.#queues.every((queue) => queue.first !== undefined || queue.completeUntilNs >= atNs);
  }

  #at(place: number): Queue<Item> {
    const queue = this.#queues[place];
    if (!queue) throw new RangeError(`there is no place ${place}`);
    return queue;
  }
}
