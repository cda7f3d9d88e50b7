/** Load that asks for nothing but room: what a relay holds for clients, and when it lets go of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { NostrEvent } from 'nostr-tools/pure';
import { NotArranged, section } from './probe.js';
import { demand, type Scene } from './scene.js';
import { settleMs } from './subject.js';
import { carries } from './wire-message.js';

const LEAVING = 10;
const SUBSCRIPTIONS_EACH = 20;
const LOOKS = 20;
const PUBLISHERS = 4;
/** In all no more than the smallest cap of known relays. */
const EVENTS_EACH = 25;

/** The least that the relay says of itself that it holds, over several looks; the first that is low enough ends them. */
async function leastHeld(scene: Scene, isLow: (held: number, before: number) => boolean): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < LOOKS; look++) {
    await sleep(settleMs(scene.subject) / 4);
    const held = scene.subject.heldBytes?.() ?? Number.POSITIVE_INFINITY;
    const before = least;
    least = Math.min(least, held);
    if (isLow(held, before)) break;
  }
  return least;
}

/** As many as the limits admit that the relay states; one subscription is left for the REQ that settles. */
function eventsEach(scene: Scene): number {
  const fromLimit = Math.floor((scene.stated('max_limit') ?? Infinity) / PUBLISHERS);
  const fromSubscriptions = (scene.stated('max_subscriptions') ?? Infinity) - 1;
  const each = Math.min(EVENTS_EACH, fromLimit, fromSubscriptions);
  if (each < 2) throw new NotArranged('needs limits that admit two subscriptions and some events');
  return each;
}

export const loadProbes = section(
  'race',
  { reference: 'NIP-01, From client to relay', needs: ['writing'], alone: true },
  {
    'replace-under-load': {
      level: 'SHOULD',
      title: 'A subscription that is replaced under load loses nothing',
      requirement: 'While events are published, the last REQ of an id gets all that match: stored, or live.',
      catches: ['replacement-deaf'],
      async run(scene) {
        const reader = await scene.connect();
        const writers = await Promise.all(Array.from({ length: PUBLISHERS }, () => scene.connect()));
        const each = eventsEach(scene);
        const ids = Array.from({ length: each }, (_, turn) => `replaced ${turn}`);
        const events: NostrEvent[] = [];
        for (let turn = 0; turn < each; turn++) {
          for (const writer of writers) {
            const event = scene.event({ at: -events.length, content: String(events.length) });
            events.push(event);
            writer.post(event);
          }
          // One more id gets its last REQ in each turn; until then its REQs ask for something else.
          for (const [last, id] of ids.entries()) {
            if (turn <= last) reader.request([scene.only({ kinds: [turn === last ? 1 : 7] })], id);
          }
          await sleep(1);
        }
        for (const [index, event] of events.entries()) {
          const ok = await writers[index % PUBLISHERS]?.okOf(event.id);
          if (!ok?.accepted) throw new NotArranged('needs to publish');
        }
        await reader.settle();
        for (const id of ids) {
          const own = reader.messages.filter((message) => message[1] === id);
          const missing = events.filter((event) => !carries(own, event.id));
          demand(missing.length === 0, `${missing.length} of ${events.length} events never came for "${id}"`);
        }
      },
    },
    'memory-returns': {
      level: 'INFO',
      title: 'What a client held is not let go of when it leaves',
      requirement:
        'When connections end, what was held for their subscriptions is let go of; noted is if it stays.',
      needs: ['held-bytes'],
      catches: ['D15'],
      async run(scene) {
        // Twice the same: nothing is let go of any more.
        const before = await leastHeld(scene, (held, least) => Number.isFinite(held) && held === least);
        const clients = await Promise.all(Array.from({ length: LEAVING }, () => scene.connect()));
        for (const client of clients) {
          const ids = Array.from({ length: SUBSCRIPTIONS_EACH }, () => client.request([scene.only()]));
          for (const id of ids) await client.answerTo(id);
        }
        await Promise.all(clients.map((client) => client.disconnect()));
        const after = await leastHeld(scene, (held) => held <= before);
        if (!Number.isFinite(before + after)) throw new NotArranged('needs samples of what the relay holds');
        return after > before
          ? `${after - before} bytes are still held for connections that have ended`
          : undefined;
      },
    },
  },
);
