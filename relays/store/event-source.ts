import type { Filter } from '../protocol/filter.js';
import type { SourceTraits } from '../relay.js';
import type { EventStore, Scan, ScanOptions, StoredEvent } from './event-store.js';

/** One filter's query against a source (strategies.md, row "source"). */
export interface Query {
  /** Resolves when events can be pulled, or the query was cancelled; undefined: now. Asked before every pull. */
  readonly ready: Promise<void> | undefined;
  /** False for a collecting source, which runs to its end whatever happens. */
  readonly stopsWhenCancelled: boolean;
  /** After the last pull: true when nothing that matches was left out, by a limit or otherwise. */
  readonly isComplete: boolean;
  /**
   * As {@link Scan.pull}; a collecting source hands over nothing until it has everything.
   * @throws {Error} when the source fails: it counts as finished then.
   */
  pull(into: StoredEvent[], examine: number): boolean;
  /** Stops waiting, where the source can. */
  cancel(): void;
}

/** Where a strategy gets stored events from. */
export interface EventSource {
  query(filter: Filter, options: ScanOptions): Query;
}

/** A source with declared traits over `store`. A service time is waited out by a timer: others are served meanwhile. */
export function eventSource(store: EventStore, traits: SourceTraits): EventSource {
  return {
    query: (filter, options) => {
      spin(traits.spinUs);
      if (namesOneOf(filter, traits.hangKinds)) return new HangingQuery();
      const service = new ServiceTime(serviceTimeMs(traits, filter));
      if (namesOneOf(filter, traits.failKinds)) return new FailingQuery(service);
      const scan = store.scan(filter, options);
      return traits.delivery === 'collecting'
        ? new CollectingQuery(scan, options.limit, service)
        : new StreamingQuery(scan, options.limit, service);
    },
  };
}

/** Keeps the thread busy for so many microseconds. */
function spin(us: number): void {
  if (us <= 0) return;
  const until = performance.now() + us / 1_000;
  while (performance.now() < until);
}

function namesOneOf(filter: Filter, kinds: readonly number[]): boolean {
  return kinds.some((kind) => filter.kinds?.has(kind));
}

function serviceTimeMs(traits: SourceTraits, filter: Filter): number {
  const slow = traits.slowKinds.find(({ kinds }) => namesOneOf(filter, kinds));
  return slow?.serviceTimeMs ?? traits.serviceTimeMs;
}

/** The time before a query's first event. */
class ServiceTime {
  /** Undefined once it is over. */
  over: Promise<void> | undefined;
  #end: () => void = () => undefined;

  constructor(durationMs: number) {
    if (durationMs <= 0) return;
    this.over = new Promise((resolve) => {
      this.#end = () => {
        this.over = undefined;
        resolve();
      };
    });
    const timer = setTimeout(this.#end, durationMs).unref();
    const end = this.#end;
    this.#end = () => {
      clearTimeout(timer);
      end();
    };
  }

  cancel(): void {
    this.#end();
  }
}

/** What comes from a store: complete when the store had nothing more before the limit was reached. */
abstract class StoreQuery implements Query {
  abstract readonly stopsWhenCancelled: boolean;
  protected readonly service: ServiceTime;
  readonly #scan: Scan;
  #remaining: number;
  #isDry = false;

  constructor(scan: Scan, limit: number, service: ServiceTime) {
    this.#scan = scan;
    this.#remaining = limit;
    this.service = service;
  }

  get ready(): Promise<void> | undefined {
    return this.service.over;
  }

  get isComplete(): boolean {
    return this.#isDry && this.#remaining > 0;
  }

  abstract pull(into: StoredEvent[], examine: number): boolean;
  abstract cancel(): void;

  protected scan(into: StoredEvent[], examine: number): boolean {
    const before = into.length;
    const more = this.#scan.pull(into, examine);
    this.#remaining -= into.length - before;
    this.#isDry = !more;
    return more;
  }
}

class StreamingQuery extends StoreQuery {
  readonly stopsWhenCancelled = true;

  pull(into: StoredEvent[], examine: number): boolean {
    return this.scan(into, examine);
  }

  cancel(): void {
    this.service.cancel();
  }
}

class CollectingQuery extends StoreQuery {
  readonly stopsWhenCancelled = false;
  #collected: StoredEvent[] = [];

  pull(into: StoredEvent[], examine: number): boolean {
    if (this.scan(this.#collected, examine)) return true;
    for (const event of this.#collected) into.push(event);
    this.#collected = [];
    return false;
  }

  cancel(): void {
    // It can't be: the timer and the scan run on, and whoever asked lets go of the answer.
  }
}

class FailingQuery implements Query {
  readonly stopsWhenCancelled = true;
  readonly isComplete = false;
  readonly #service: ServiceTime;

  constructor(service: ServiceTime) {
    this.#service = service;
  }

  get ready(): Promise<void> | undefined {
    return this.#service.over;
  }

  pull(): never {
    throw new Error('the source failed');
  }

  cancel(): void {
    this.#service.cancel();
  }
}

/** Whatever the source's delivery, cancelling ends the wait: else whoever asked would be held for ever. */
class HangingQuery implements Query {
  readonly stopsWhenCancelled = true;
  readonly isComplete = false;
  ready: Promise<void> | undefined;
  #end: () => void = () => undefined;

  constructor() {
    this.ready = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  pull(): boolean {
    return false;
  }

  cancel(): void {
    this.ready = undefined;
    this.#end();
  }
}
