import type { StoredEvent } from './event-store.js';

/** Something that hands out events, or what stands for them, one by one, newest first, ties by lowest id. */
export interface Cursor<Item = StoredEvent> {
  next(): Item | undefined;
}

/** What decides the order of answers. */
interface Placed {
  readonly createdAt: number;
  readonly id: string;
}

/** The order of answers (NIP-01): a before b. */
export function comesBefore(a: Placed, b: Placed): boolean {
  return a.createdAt > b.createdAt || (a.createdAt === b.createdAt && a.id < b.id);
}

/** Most events in one block: an insertion in the middle of a long history moves at most these. */
const BLOCK_SIZE = 512;

/**
 * Events in order of time, kept in blocks, so that old events arriving late cost no more than new ones. Stored
 * oldest first, because most events that arrive are the newest and then go to the end.
 */
export class Timeline {
  #blocks: StoredEvent[][] = [];
  #version = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Changes with every insertion and removal: a cursor that rested must find its place again. */
  get version(): number {
    return this.#version;
  }

  add(event: StoredEvent): void {
    this.#length += 1;
    const last = this.#blocks.at(-1);
    const newest = last?.at(-1);
    if (last === undefined || newest === undefined) {
      this.#version += 1;
      this.#blocks.push([event]);
    } else if (comesBefore(event, newest)) {
      this.#append(last, event);
    } else {
      this.#insert(event);
    }
  }

  remove(event: StoredEvent): void {
    const place = this.lastThat((other) => other === event || comesBefore(event, other));
    const block = this.#blocks[place.block];
    if (block?.[place.index] !== event) return;
    block.splice(place.index, 1);
    if (block.length === 0) this.#blocks.splice(place.block, 1);
    this.#version += 1;
    this.#length -= 1;
  }

  /** The place of the newest event for which `holds`, which must hold for all older ones too. */
  lastThat(holds: (event: StoredEvent) => boolean): Place {
    const block = count(this.#blocks, ([oldest]) => oldest !== undefined && holds(oldest)) - 1;
    return { block, index: count(this.#blocks[block] ?? [], holds) - 1 };
  }

  /** The place of the newest event. */
  newest(): Place {
    const block = this.#blocks.length - 1;
    return { block, index: (this.#blocks[block]?.length ?? 0) - 1 };
  }

  at({ block, index }: Place): StoredEvent | undefined {
    return this.#blocks[block]?.[index];
  }

  lengthOfBlock(block: number): number {
    return this.#blocks[block]?.length ?? 0;
  }

  /** All events that are not newer than `until`. */
  cursor(until: number | undefined): Cursor {
    return new TimelineCursor(this, until);
  }

  /** No place moves but the newest, so cursors on their way to older events stay right. */
  #append(last: StoredEvent[], event: StoredEvent): void {
    if (last.length < BLOCK_SIZE) last.push(event);
    else this.#blocks.push([event]);
  }

  #insert(event: StoredEvent): void {
    this.#version += 1;
    const place = this.lastThat((other) => comesBefore(event, other));
    const at = Math.max(place.block, 0);
    const block = this.#blocks[at];
    if (block === undefined) return;
    block.splice(place.block < 0 ? 0 : place.index + 1, 0, event);
    if (block.length > BLOCK_SIZE) this.#blocks.splice(at + 1, 0, block.splice(BLOCK_SIZE / 2));
  }
}

/** Where an event stands in a {@link Timeline}; an index of -1 is before the first. */
export interface Place {
  readonly block: number;
  readonly index: number;
}

class TimelineCursor implements Cursor {
  readonly #timeline: Timeline;
  readonly #until: number | undefined;
  #version = -1;
  #block = -1;
  #index = -1;
  #last: StoredEvent | undefined;

  constructor(timeline: Timeline, until: number | undefined) {
    this.#timeline = timeline;
    this.#until = until;
  }

  next(): StoredEvent | undefined {
    if (this.#version !== this.#timeline.version) this.#findPlace();
    if (this.#index < 0) {
      this.#block -= 1;
      this.#index = this.#timeline.lengthOfBlock(this.#block) - 1;
    }
    const event = this.#timeline.at({ block: this.#block, index: this.#index });
    if (event === undefined) return undefined;
    this.#index -= 1;
    this.#last = event;
    return event;
  }

  #findPlace(): void {
    const { block, index } = this.#startingPlace();
    this.#block = block;
    this.#index = index;
    this.#version = this.#timeline.version;
  }

  #startingPlace(): Place {
    const last = this.#last;
    const until = this.#until;
    if (last !== undefined) return this.#timeline.lastThat((event) => comesBefore(last, event));
    if (until !== undefined) return this.#timeline.lastThat((event) => event.createdAt <= until);
    return this.#timeline.newest();
  }
}

/** How many leading items `holds` for, by bisection. */
function count<T>(items: readonly T[], holds: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item !== undefined && holds(item)) low = middle + 1;
    else high = middle;
  }
  return low;
}
