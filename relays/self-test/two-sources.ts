/** The streaming strategy over two event sources: one holds the events of even seconds, one the others. */
import type { NostrEvent } from '../protocol/event.js';
import { relayEvent } from '../protocol/event.js';
import { matches } from '../protocol/filter.js';
import { createStreaming } from '../streaming/index.js';

const sources: readonly [NostrEvent[], NostrEvent[]] = [[], []];
const NO_BYTES = new Uint8Array();

function keep(event: NostrEvent): boolean {
  if (sources.some((source) => source.some(({ id }) => id === event.id))) return false;
  sources[event.created_at % 2 === 0 ? 0 : 1].push(event);
  return true;
}

export default createStreaming({
  name: 'two-sources',
  ownStore: false,
  hooks: {
    storeEvent: [keep],
    queryEvents: sources.map(
      (source) => (filter) =>
        source
          .filter((event) => matches(filter, relayEvent(event, NO_BYTES)))
          .sort((a, b) => b.created_at - a.created_at || (a.id < b.id ? -1 : 1)),
    ),
  },
});
