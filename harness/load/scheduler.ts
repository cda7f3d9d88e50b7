import { NS_PER_MS } from '../clock.js';

/** Calls back at due times of a schedule; see {@link createScheduler}. */
export interface Scheduler {
  /** Resolves at `dueNs` with true, at once if that has passed; with false when {@link Scheduler.end} comes first. */
  at(dueNs: number): Promise<boolean>;
  /** Nanoseconds that were spent polling for a due time with nothing else to do. */
  idlePollNs(): number;
  /** To be called when anything else ran on the event loop, so that it isn't taken for idle polling. */
  busy(): void;
  /** The round is over: everything that waits resolves with false, and so does what is asked from now on. */
  end(): void;
}

interface Waiting {
  readonly dueNs: number;
  readonly resolve: (reached: boolean) => void;
}

/**
 * Timers of Node are a millisecond coarse and fire late. Near a due time the event loop is polled instead, which
 * keeps serving sockets; the time that this takes while nothing happens counts as idle.
 */
const POLL_AHEAD_NS = 1.5 * NS_PER_MS;

/** A scheduler on `clock` (nanoseconds, monotonic); exact to some microseconds while the event loop is free. */
export function createScheduler(clock: () => number): Scheduler {
  const queue: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;
  let polling = false;
  let ended = false;
  let idlePollNs = 0;
  let lastPollNs: number | undefined;

  const fire = (now: number): void => {
    for (let first = queue[0]; first && first.dueNs <= now; first = queue[0]) {
      popSoonest(queue);
      first.resolve(true);
      lastPollNs = undefined;
    }
  };

  const poll = (): void => {
    const now = clock();
    if (lastPollNs !== undefined) idlePollNs += now - lastPollNs;
    lastPollNs = now;
    polling = false;
    fire(now);
    arm(now);
  };

  const arm = (now: number): void => {
    const soonest = queue[0];
    if (!soonest || polling) return;
    clearTimeout(timer);
    const ahead = soonest.dueNs - now;
    if (ahead <= POLL_AHEAD_NS) {
      polling = true;
      setImmediate(poll);
      return;
    }
    lastPollNs = undefined;
    timer = setTimeout(() => arm(clock()), Math.floor((ahead - POLL_AHEAD_NS) / NS_PER_MS));
  };

  return {
    at(dueNs) {
      const now = clock();
      if (ended || dueNs <= now) return Promise.resolve(!ended);
      return new Promise((resolve) => {
        pushByDue(queue, { dueNs, resolve });
        if (queue[0]?.dueNs === dueNs) arm(now);
      });
    },
    idlePollNs: () => idlePollNs,
    busy() {
      lastPollNs = undefined;
    },
    end() {
      ended = true;
      clearTimeout(timer);
      for (const waiting of queue.splice(0)) waiting.resolve(false);
    },
  };
}

/** A binary heap by due time: thousands of sessions wait at once. */
function pushByDue(heap: Waiting[], waiting: Waiting): void {
  let at = heap.length;
  heap.push(waiting);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent];
    if (!above || above.dueNs <= waiting.dueNs) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = waiting;
}

function popSoonest(heap: Waiting[]): void {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    let child = heap[left];
    let next = left;
    const right = heap[left + 1];
    if (child && right && right.dueNs < child.dueNs) {
      child = right;
      next = left + 1;
    }
    if (!child || child.dueNs >= last.dueNs) break;
    heap[at] = child;
    at = next;
  }
  heap[at] = last;
}
