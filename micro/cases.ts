/** The hot functions of the reference relays, each with work that lies ready. */

import { readClientMessage } from '../relays/protocol/client-message.js';
import { type RelayEvent, relayEvent } from '../relays/protocol/event.js';
import { eventJson, readEvent } from '../relays/protocol/event-form.js';
import { type Filter, matches } from '../relays/protocol/filter.js';
import { readFilter } from '../relays/protocol/filter-form.js';
import { eventMessageHead } from '../relays/protocol/relay-message.js';
import { eventId, isSignedByAuthor } from '../relays/protocol/signature.js';
import { DEFAULT_LIMITS } from '../relays/relay.js';
import type { EventStore, EventToSave, StoredEvent } from '../relays/store/event-store.js';
import { openStore } from '../relays/store/open-store.js';
import { LiveIndex } from '../relays/subscriptions/live-index.js';

export interface MicroCase {
  readonly name: string;
  /** One call, in a sentence. */
  readonly what: string;
  /** How often `run` does it at one go: what is quick is timed by the hundred. */
  readonly times: number;
  run(): void;
}

export interface MicroCases {
  readonly cases: readonly MicroCase[];
  close(): Promise<void>;
}

const AUTHORS_OF_A_TIMELINE = 150;
const LIMIT = 100;
const OPEN_SUBSCRIPTIONS = 10_000;
/** Candidates that a pull of a scan looks at; as much as there are. */
const ALL = Number.MAX_SAFE_INTEGER;

/**
 * @param lines JSON of signed events
 * @param dir scratch folder for the store on disk
 */
export async function openCases(lines: readonly string[], dir: string): Promise<MicroCases> {
  const known = lines.map(eventOf);
  const events = known.map(({ event, json }) => relayEvent(event, json));
  const memory = await openStore({ engine: 'memory', sync: 'full' }, undefined);
  const lmdb = await openStore({ engine: 'lmdb', sync: 'no-sync' }, dir);
  for (const store of [memory, lmdb]) store.load(known);
  const authors = [...new Set(events.map(({ pubkey }) => pubkey))].slice(0, AUTHORS_OF_A_TIMELINE);
  const newest = filterOf({ limit: LIMIT });
  const timeline = filterOf({ kinds: [1, 6], authors, limit: LIMIT });
  const stores = [['memory', memory] as const, ['lmdb', lmdb] as const].flatMap(([name, store]) => [
    scanCase(`scan ${name} newest`, `the newest ${LIMIT} events from the ${name} store`, store, newest),
    scanCase(
      `scan ${name} timeline`,
      `the newest ${LIMIT} notes of ${authors.length} authors from the ${name} store`,
      store,
      timeline,
    ),
  ]);
  return {
    cases: [...protocolCases(known, events, timeline), ...stores, liveCase(events)],
    close: async () => {
      await memory.close();
      await lmdb.close();
    },
  };
}

function protocolCases(
  known: readonly EventToSave[],
  events: readonly RelayEvent[],
  timeline: Filter,
): MicroCase[] {
  const hundred = events.slice(0, 100);
  const published = known.slice(0, 100).map(({ event }) => event);
  const publishes = published.map((event) => `["EVENT",${JSON.stringify(event)}]`);
  const filters = { kinds: [1, 6], authors: [...(timeline.authors ?? [])], limit: LIMIT };
  const request = JSON.stringify(['REQ', 'timeline', filters]);
  const times = hundred.length;
  return [
    {
      name: 'parse REQ',
      what: `read a REQ with ${filters.authors.length} authors`,
      times: 1,
      run: () => void readClientMessage(request, DEFAULT_LIMITS),
    },
    {
      name: 'parse EVENT',
      what: 'read an EVENT message',
      times,
      run: () => {
        for (const text of publishes) readClientMessage(text, DEFAULT_LIMITS);
      },
    },
    {
      name: 'match',
      what: 'hold an event against a timeline’s filter',
      times,
      run: () => {
        for (const event of hundred) matches(timeline, event);
      },
    },
    {
      name: 'serialise',
      what: 'an EVENT message’s bytes of a published event',
      times,
      run: () => {
        for (const event of published) {
          eventMessageHead('timeline');
          eventJson(event, event);
        }
      },
    },
    {
      name: 'id',
      what: 'serialise and hash an event to its id',
      times,
      run: () => {
        for (const event of published) eventId(event);
      },
    },
    {
      name: 'verify',
      what: 'verify a signature on one thread',
      times: 10,
      run: () => {
        for (const event of published.slice(0, 10)) isSignedByAuthor(event);
      },
    },
  ];
}

function scanCase(name: string, what: string, store: EventStore, filter: Filter): MicroCase {
  return {
    name,
    what,
    times: 1,
    run: () => {
      const found: StoredEvent[] = [];
      const scan = store.scan(filter, { limit: LIMIT, upToSequence: store.sequence });
      while (scan.pull(found, ALL));
    },
  };
}

/** Every subscription follows one author of its own, of whom most never write. */
function liveCase(events: readonly RelayEvent[]): MicroCase {
  const index = new LiveIndex();
  const writers = events.slice(0, 100);
  for (let number = 0; number < OPEN_SUBSCRIPTIONS; number += 1) {
    const author = writers[number]?.pubkey ?? number.toString(16).padStart(64, '0');
    index.add({
      filter: filterOf({ kinds: [1], authors: [author] }),
      afterSequence: 0,
      deliver: () => {},
    });
  }
  return {
    name: 'live match',
    what: `find who wants an event among ${OPEN_SUBSCRIPTIONS.toLocaleString('en')} subscriptions`,
    times: writers.length,
    run: () => {
      for (const event of writers) index.broadcast({ event, sequence: undefined });
    },
  };
}

function eventOf(line: string): EventToSave {
  const read = readEvent(JSON.parse(line), DEFAULT_LIMITS.maxEventTags);
  if (!read.ok) throw new Error(`an event of the corpus is not one: ${read.reason}`);
  return { event: read.value, json: Buffer.from(line) };
}

function filterOf(value: unknown): Filter {
  const read = readFilter(value);
  if (!read.ok) throw new Error(`a filter of a case is not one: ${read.reason}`);
  return read.value;
}
