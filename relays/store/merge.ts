import type { StoredEvent } from './event-store.js';
import { type Cursor, comesBefore } from './timeline.js';

/** One cursor over several, newest first; an event that several of them hold comes out once. */
export function merged(cursors: readonly Cursor[]): Cursor {
  const [only] = cursors;
  return cursors.length === 1 && only !== undefined ? only : new MergedCursor(cursors);
}

interface Head {
  readonly cursor: Cursor;
  event: StoredEvent;
}

/** A binary heap of the cursors' next events: a pull costs the logarithm of the number of cursors. */
class MergedCursor implements Cursor {
  readonly #heap: Head[] = [];
  #previous: StoredEvent | undefined;

  constructor(cursors: readonly Cursor[]) {
    for (const cursor of cursors) {
      const event = cursor.next();
      if (event !== undefined) this.#heap.push({ cursor, event });
    }
    for (let i = (this.#heap.length >>> 1) - 1; i >= 0; i -= 1) this.#sink(i);
  }

  next(): StoredEvent | undefined {
    let event = this.#take();
    while (event !== undefined && event === this.#previous) event = this.#take();
    this.#previous = event;
    return event;
  }

  #take(): StoredEvent | undefined {
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
      if (head === undefined || !comesBefore(head.event, sinking.event)) break;
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
    return a !== undefined && b !== undefined && comesBefore(b.event, a.event) ? left + 1 : left;
  }
}
