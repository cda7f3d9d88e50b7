import type { Filter } from '../protocol/filter.js';
import type { SourceTraits } from '../relay.js';
import type { EventStore, Scan, ScanOptions, StoredEvent } from './event-store.js';

/** One filter's query against a source (strategies.md, row "source"). */
export interface Query {
  /** Resolves when the first events can be pulled, or the query was cancelled; undefined: at once. */
  readonly ready: Promise<void> | undefined;
  /** False for a collecting source, which runs to its end whatever happens. */
  readonly stopsWhenCancelled: boolean;
  /** As {@link Scan.pull}; a collecting source hands over nothing until it has everything. */
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
      const scan = store.scan(filter, options);
      const service = serviceTime(serviceTimeMs(traits, filter));
      return traits.delivery === 'collecting'
        ? new CollectingQuery(scan, service)
        : new StreamingQuery(scan, service);
    },
  };
}

function serviceTimeMs(traits: SourceTraits, filter: Filter): number {
  const slow = traits.slowKinds.find(({ kinds }) => kinds.some((kind) => filter.kinds?.has(kind)));
  return slow?.serviceTimeMs ?? traits.serviceTimeMs;
}

interface ServiceTime {
  readonly over: Promise<void> | undefined;
  cancel(): void;
}

function serviceTime(durationMs: number): ServiceTime {
  if (durationMs <= 0) return { over: undefined, cancel: () => undefined };
  let end: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  const timer = setTimeout(end, durationMs).unref();
  const cancel = (): void => {
    clearTimeout(timer);
    end();
  };
  return { over, cancel };
}

class StreamingQuery implements Query {
  readonly stopsWhenCancelled = true;
  readonly ready: Promise<void> | undefined;
  readonly #scan: Scan;
  readonly #service: ServiceTime;

  constructor(scan: Scan, service: ServiceTime) {
    this.#scan = scan;
    this.#service = service;
    this.ready = service.over;
  }

  pull(into: StoredEvent[], examine: number): boolean {
    return this.#scan.pull(into, examine);
  }

  cancel(): void {
    this.#service.cancel();
  }
}

class CollectingQuery implements Query {
  readonly stopsWhenCancelled = false;
  readonly ready: Promise<void> | undefined;
  readonly #scan: Scan;
  #collected: StoredEvent[] = [];

  constructor(scan: Scan, service: ServiceTime) {
    this.#scan = scan;
    this.ready = service.over;
  }

  pull(into: StoredEvent[], examine: number): boolean {
    if (this.#scan.pull(this.#collected, examine)) return true;
    for (const event of this.#collected) into.push(event);
    this.#collected = [];
    return false;
  }

  cancel(): void {
    // It can't be: the timer and the scan run on, and whoever asked lets go of the answer.
  }
}
