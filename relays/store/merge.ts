import type { Cursor } from './timeline.js';

/** How what cursors hand out is put in order. */
export interface Order<Item> {
  comesBefore(a: Item, b: Item): boolean;
  /** Whether both are the same event. */
  isSame(a: Item, b: Item): boolean;
}

/** One cursor over several, newest first; an event that several of them hold comes out once. */
export function merged<Item>(cursors: readonly Cursor<Item>[], order: Order<Item>): Cursor<Item> {
  const [only] = cursors;
  return cursors.length === 1 && only !== undefined ? only : new MergedCursor(cursors, order);
}

interface Head<Item> {
  readonly cursor: Cursor<Item>;
  event: Item;
}

/** A binary heap of the cursors' next events: a pull costs the logarithm of the number of cursors. */
class MergedCursor<Item> implements Cursor<Item> {
  readonly #heap: Head<Item>[] = [];
  readonly #order: Order<Item>;
  #previous: Item | undefined;

  constructor(cursors: readonly Cursor<Item>[], order: Order<Item>) {
    this.#order = order;
    for (const cursor of cursors) {
      const event = cursor.next();
      if (event !== undefined) this.#heap.push({ cursor, event });
    }
    for (let i = (this.#heap.length >>> 1) - 1; i >= 0; i -= 1) this.#sink(i);
  }

  next(): Item | undefined {
    let event = this.#take();
    while (event !== undefined && this.#isRepeated(event)) event = this.#take();
    this.#previous = event;
    return event;
  }

  #isRepeated(event: Item): boolean {
    return this.#previous !== undefined && this.#order.isSame(event, this.#previous);
  }

  #take(): Item | undefined {
    const top = this.#heap[0];
    if (top === undefined) return undefined;
    const taken = top.event;
    const next = top.cursor.next();
    if (next !== undefined) top.event = next;
    else this.#removeTop();
    this.#sink(0);
    return taken;
  }

  #removeTop(): void {
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) this.#heap[0] = last;
  }

  #sink(start: number): void {
    const heap = this.#heap;
    const sinking = heap[start];
    if (sinking === undefined) return;
    let at = start;
    for (;;) {
      const child = this.#firstChild(at);
      const head = heap[child];
      if (head === undefined || !this.#order.comesBefore(head.event, sinking.event)) break;
      heap[at] = head;
      at = child;
    }
    heap[at] = sinking;
  }

  /** Of the two children of `at`, the one that comes before the other. */
  #firstChild(at: number): number {
    const left = 2 * at + 1;
    const a = this.#heap[left];
    const b = this.#heap[left + 1];
    return a !== undefined && b !== undefined && this.#order.comesBefore(b.event, a.event) ? left + 1 : left;
  }
}
