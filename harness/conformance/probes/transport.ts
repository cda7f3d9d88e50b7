/** Beneath the messages: WebSocket frames, and what no relay should stumble over. */
import { once } from 'node:events';
import { quoted } from '../checks/check.js';
import { expectAnswered, reactionTo } from './expectations.js';
import { untilNothingComes, withPatience } from './patience.js';
import { Broken, NotArranged, section } from './probe.js';
import { demand, type Scene } from './scene.js';

const NOWHERE = '0'.repeat(64);
const AT_ONCE = 1_000;

/** Sends something that is no message: the relay may answer, ignore it or end this connection, and others go on. */
async function reactionToFrame(
  scene: Scene,
  payload: string | Buffer,
  options: { binary?: boolean } = {},
): Promise<string> {
  const bystander = await scene.connect();
  const client = await scene.connect();
  const since = client.messages.length;
  client.sendFrame(payload, options);
  await scene.settle();
  const reaction = await reactionTo(scene, client, since);
  demand(bystander.isOpen && (await bystander.isAlive()), 'another connection was harmed by it');
  return reaction;
}

const GARBAGE: Readonly<Record<string, readonly [string, string | Buffer, { readonly binary?: boolean }?]>> =
  {
    'binary-frame': [
      'A binary frame',
      Buffer.from(JSON.stringify(['REQ', 'b', { ids: [NOWHERE] }])),
      { binary: true },
    ],
    'invalid-utf8': [
      'A text frame that is not UTF-8',
      Buffer.from([0x5b, 0x22, 0xff, 0xfe, 0x22, 0x5d]),
      { binary: false },
    ],
    'not-json': ['A message that is not JSON', '["REQ", "x", '],
    'not-an-array': ['A message that is no array', '{"REQ":"x"}'],
    'empty-array': ['An empty array', '[]'],
    'empty-message': ['An empty message', ''],
    'unknown-label': ['A label that no NIP knows', '["HELLO","relay"]'],
    'label-not-a-string': ['A label that is no string', '[1,"x",{}]'],
    'deep-nesting': ['Ten thousand brackets', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
  };

export const transportProbes = section(
  'transport',
  { reference: 'NIP-01, Communication between clients and relays; RFC 6455' },
  {
    ...Object.fromEntries(
      Object.entries(GARBAGE).map(([name, [title, payload, options]]) => [
        name,
        {
          level: 'MUST' as const,
          title,
          requirement:
            'It may be answered, ignored, or end its connection; the relay and the connections of others go on.',
          catches: ['garbage-harms'] as const,
          // One by one, so that a relay that dies of one is not said to have died of another.
          alone: true,
          run: (scene: Scene) => reactionToFrame(scene, payload, options),
        },
      ]),
    ),
    ping: {
      level: 'MUST',
      title: 'A ping gets its pong',
      requirement: 'A ping frame is answered by a pong with the same bytes.',
      reference: 'RFC 6455, 5.5.2',
      catches: ['ping-ignored'],
      async run(scene) {
        const client = await scene.connect();
        const ponged = withPatience(scene.subject, (signal) => once(client.socket, 'pong', { signal }));
        client.socket.ping('are you there');
        const [payload] = await ponged.catch(() => {
          throw new Broken('no pong came');
        });
        demand(String(payload) === 'are you there', `the pong carries ${quoted(String(payload))}`);
      },
    },
    deflate: {
      level: 'MUST',
      title: 'permessage-deflate is negotiated or declined',
      requirement: 'A client that offers compression is served, with it or without.',
      reference: 'RFC 7692',
      catches: ['deflate-unserved'],
      async run(scene) {
        const client = await scene.connect({ deflate: true });
        demand(await client.isAlive(), 'a REQ of a client that offers permessage-deflate is not answered');
        return client.socket.extensions === '' ? 'declined' : 'negotiated';
      },
    },
    fragments: {
      level: 'MUST',
      title: 'A message in fragments is one message',
      requirement: 'A REQ that is cut over several frames is answered as any other.',
      reference: 'RFC 6455, 5.4',
      catches: ['fragments-refused'],
      async run(scene) {
        const client = await scene.connect();
        scene.unjudged();
        const text = JSON.stringify(['REQ', 'fragments', { ids: [NOWHERE] }]);
        for (const [index, piece] of [text.slice(0, 5), text.slice(5, 20), text.slice(20)].entries()) {
          client.socket.send(piece, { fin: index === 2 });
        }
        expectAnswered(client, await client.answerTo('fragments'), 'a REQ in three fragments');
      },
    },
    'over-size': {
      level: 'POLICY',
      title: 'A message over the stated size is refused',
      requirement:
        'A message longer than limitation.max_message_length is not served; others are not harmed.',
      reference: 'NIP-11, limitation',
      catches: ['limits-understated'],
      async run(scene) {
        const limit = scene.limit('max_message_length', 8_000_000);
        const tag = 'x'.repeat(limit);
        const client = await scene.connect();
        const bystander = await scene.connect();
        client.send('REQ', 'large', { '#x': [tag] });
        const { by } = await client.answerTo('large');
        demand(by !== 'EOSE', `a REQ of more than ${limit} bytes was served`);
        demand(await bystander.isAlive(), 'another connection was harmed by it');
      },
    },
    'many-at-once': {
      level: 'MUST',
      title: 'A thousand REQs at once are all answered',
      requirement: 'Each of 1,000 REQs that are sent without waiting gets EOSE or CLOSED.',
      reference: 'NIP-01, From relay to client',
      alone: true,
      catches: ['D27'],
      async run(scene) {
        const client = await scene.connect();
        const ids = Array.from({ length: AT_ONCE }, (_, index) => `many ${index}`);
        for (const id of ids) client.request([{ ids: [NOWHERE] }], id);
        const left = new Set(ids);
        let read = 0;
        await untilNothingComes(scene, () => {
          for (const [label, id] of client.messages.slice(read)) {
            if ((label === 'EOSE' || label === 'CLOSED') && typeof id === 'string') left.delete(id);
          }
          read = client.messages.length;
          return client.isOpen ? left.size : 0;
        });
        if (left.size === 0) return;
        if (!client.isOpen) throw new NotArranged('the relay ended the connection');
        const [first = ''] = left;
        throw new Broken(
          `${left.size} of ${AT_ONCE} REQs got neither EOSE nor CLOSED, the first "${first}"`,
          [`"${first}"`],
        );
      },
    },
    'cut-connection': {
      level: 'MUST',
      title: 'A connection that is cut harms nobody',
      requirement: 'When a client vanishes without a closing handshake, the connections of others go on.',
      catches: ['leaving-harms'],
      async run(scene) {
        const bystander = await scene.connect();
        for (let turn = 0; turn < 5; turn++) {
          const client = await scene.connect();
          client.request([scene.only()]);
          await client.disconnect();
        }
        demand(await bystander.isAlive(), 'another connection was harmed by it');
      },
    },
    'http-without-upgrade': {
      level: 'INFO',
      title: 'An HTTP request without upgrade',
      requirement: 'A browser that visits the address gets some answer; noted is which.',
      catches: ['http-refused'],
      async run(scene) {
        const url = scene.subject.url.replace(/^ws/, 'http');
        try {
          const response = await withPatience(scene.subject, (signal) => fetch(url, { signal }));
          return `status ${response.status}`;
        } catch (error) {
          return `no answer: ${error instanceof Error ? error.message : 'unknown'}`;
        }
      },
    },
  },
);
