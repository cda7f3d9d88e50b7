/** What no check of the suite judges, since it is allowed: asked here, in conversations like the suite's. */
import { NotArranged, type Probe, section } from '../../harness/conformance/probes/probe.js';
import { carries, idOf } from '../../harness/conformance/probes/wire-message.js';

const EACH = 90;
const LARGE_EVENTS = 75;
const TURNS = 10;
/** As often as its record keeps whole. */
const LARGE_TURNS = 5;
const SOME_CHARACTERS = 5_000;
/** As in `race/during-answer`. */
const LARGE_CHARACTERS = 60_000;

/** Each says what it saw, or nothing where the relay does not do it. */
export const TRAITS: readonly Probe[] = section(
  'trait',
  { reference: 'strategies.md', needs: ['writing'] },
  {
    'twice-for-two-filters': {
      level: 'INFO',
      title: 'An event that two filters match is sent twice',
      requirement: 'One event, and a REQ of two filters that both match it.',
      catches: ['D3'],
      async run(scene) {
        const client = await scene.connect();
        const event = scene.event();
        await client.store(event);
        const messages = await client.asked(scene.only(), scene.byAlice({ kinds: [1] }));
        const times = messages.filter(
          ([label, , sent]) => label === 'EVENT' && idOf(sent) === event.id,
        ).length;
        return times > 1 ? `it came ${times} times` : undefined;
      },
    },
    'filters-interleave': {
      level: 'INFO',
      title: 'Events of different filters interleave',
      requirement:
        'Two filters with 90 events of 5 kB each, ten times: in what order the events of the two come.',
      catches: ['D4'],
      async run(scene) {
        const client = await scene.connect();
        const content = 'x'.repeat(SOME_CHARACTERS);
        await client.storeAll([
          ...scene.events(EACH, { kind: 7, at: -100, content }),
          ...scene.events(EACH, { kind: 1, at: -200, content }),
        ]);
        for (let turn = 1; turn <= TURNS; turn++) {
          const filters = [{ kinds: [7] }, { kinds: [1] }].map((one) => scene.only({ ...one, limit: EACH }));
          const kinds = (await client.asked(...filters)).flatMap(([label, , event]) =>
            label === 'EVENT' ? [kindOf(event)] : [],
          );
          if (kinds.length < 2 * EACH) throw new NotArranged(`needs all of the ${2 * EACH} events`);
          const changes = kinds.filter((kind, index) => index > 0 && kind !== kinds[index - 1]).length;
          if (changes > 1 || kinds[0] === 1)
            return `in turn ${turn} the answer goes from one filter to the other ${changes} times, and begins with the ${kinds[0] === 7 ? 'first' : 'second'}`;
        }
        return undefined;
      },
    },
    'after-close': {
      level: 'INFO',
      title: 'Events and an EOSE follow a CLOSE',
      requirement:
        'An answer of 75 events of 60 kB; with its first event, CLOSE and another REQ: what comes for the first after the answer to the second.',
      catches: ['D28'],
      async run(scene) {
        const client = await scene.connect();
        await client.storeAll(scene.events(LARGE_EVENTS, { content: 'x'.repeat(LARGE_CHARACTERS) }));
        let seen: string | undefined;
        for (let turn = 0; turn < LARGE_TURNS && seen === undefined; turn++) {
          const subscription = client.request([scene.only({ limit: LARGE_EVENTS })]);
          await client.expect(([label, id]) => label === 'EVENT' && id === subscription);
          client.socket.pause();
          client.close(subscription);
          const fence = client.request([{ ids: ['0'.repeat(64)] }]);
          await scene.settle();
          client.socket.resume();
          await client.answerTo(fence);
          await client.settle();
          const fenced = client.messages.findIndex(([label, id]) => label === 'EOSE' && id === fence);
          const late = client.messages.slice(fenced).filter(([, id]) => id === subscription);
          const ends = late.some(([label]) => label === 'EOSE');
          if (late.length > 0)
            seen = `${late.length} messages came after the answer to what was sent after the CLOSE, ${ends ? 'the EOSE among them' : 'without an EOSE'}`;
        }
        return seen;
      },
    },
    'later-auth': {
      level: 'INFO',
      title: 'A later AUTH does not widen a subscription',
      requirement:
        'A REQ for direct messages, then AUTH with a second key: whether a message that concerns the second key comes.',
      needs: ['writing', 'private', 'second-key'],
      catches: ['D14'],
      async run(scene) {
        const [client, writer] = [await scene.connect(), await scene.connect({ as: scene.bob })];
        const control = await scene.connect({ as: scene.bob });
        const filter = { kinds: [4], authors: [scene.bob.publicKey] };
        for (const one of [client, control]) await one.subscribe(filter);
        await scene.logIn(client, scene.bob);
        const tags = [['p', scene.stranger().publicKey]];
        const event = scene.event({ kind: 4, at: 0, tags }, scene.bob);
        await writer.store(event);
        await writer.settle();
        if (!carries(control.messages, event.id)) throw new NotArranged('needs it delivered to its author');
        return carries(client.messages, event.id) ? undefined : 'it does not come';
      },
    },
  },
);

function kindOf(event: unknown): unknown {
  return typeof event === 'object' && event !== null && 'kind' in event ? event.kind : undefined;
}
