/** Private events under an access mode (docs/access.md): they go to those whom they concern, and to nobody else. */
import { npubEncode } from 'nostr-tools/nip19';
import type { NostrEvent } from 'nostr-tools/pure';
import type { Client } from './client.js';
import { expectNoDelivery } from './expectations.js';
import { NotArranged, section } from './probe.js';
import { demand, type Scene } from './scene.js';
import { field } from './subject.js';
import { carries } from './wire-message.js';

const DIRECT_MESSAGE = 4;
const NOTE = 1;
const BOTH_KINDS = [DIRECT_MESSAGE, NOTE];

/** Alice and bob, whom the event concerns, and two whom it doesn't: one who has authenticated, one who hasn't. */
interface Company {
  readonly alice: Client;
  readonly bob: Client;
  readonly others: readonly Client[];
}

async function company(scene: Scene): Promise<Company> {
  const [alice, bob] = [await scene.connect(), await scene.connect({ as: scene.bob })];
  const third = await scene.connect({ as: scene.stranger() });
  return { alice, bob, others: [third, await scene.connect({ as: 'nobody' })] };
}

function direct(scene: Scene): NostrEvent {
  return scene.event({ kind: DIRECT_MESSAGE, at: 0, tags: [['p', scene.bob.publicKey]] });
}

function tagged(scene: Scene): NostrEvent {
  return scene.event({ kind: NOTE, at: 0, tags: [['private', npubEncode(scene.bob.publicKey)]] });
}

/** Asks for private events together with others, so that the REQ itself need not be refused. */
function both(scene: Scene) {
  return scene.only({ kinds: BOTH_KINDS });
}

function expectNone(others: readonly Client[], { id }: NostrEvent, how: string): void {
  const [third, nobody] = others.map((client) => carries(client.messages, id));
  demand(!third, `somebody whom a private event does not concern got it ${how}`);
  demand(!nobody, `a client that has not authenticated got a private event ${how}`);
}

async function stored(scene: Scene, event: NostrEvent): Promise<void> {
  const { alice, bob, others } = await company(scene);
  await alice.store(event);
  if (!carries(await bob.asked(both(scene)), event.id))
    throw new NotArranged('needs the event served to bob');
  for (const other of others) await other.asked(both(scene));
  expectNone(others, event, 'as stored');
}

async function live(scene: Scene, event: NostrEvent): Promise<void> {
  const { alice, bob, others } = await company(scene);
  for (const client of [bob, ...others]) await client.asked(scene.byAlice({ kinds: BOTH_KINDS }));
  await alice.store(event);
  await alice.settle();
  for (const other of others) await other.isAlive();
  expectNone(others, event, 'live');
}

export const privateProbes = section(
  'access/private',
  {
    reference: 'the access mode that is declared; NIP-42',
    needs: ['private', 'writing', 'second-key'],
  },
  {
    'stored-kind': {
      level: 'POLICY',
      title: 'A direct message is not served to others',
      requirement:
        'Under an access mode a stored event of a private kind goes to its author and to whom it names.',
      catches: ['D9', 'private-to-third-parties'],
      run: (scene) => stored(scene, direct(scene)),
    },
    'live-kind': {
      level: 'POLICY',
      title: 'A direct message is not delivered to others',
      requirement:
        'Under an access mode a live event of a private kind goes to its author and to whom it names.',
      catches: ['D9'],
      run: (scene) => live(scene, direct(scene)),
    },
    'stored-tag': {
      level: 'POLICY',
      title: 'A private tag keeps an event from others',
      requirement:
        'Under an access mode a stored event with a `private` tag goes to those whom the tag names.',
      catches: ['private-to-third-parties'],
      run: (scene) => stored(scene, tagged(scene)),
    },
    'live-tag': {
      level: 'POLICY',
      title: 'A private tag keeps a live event from others',
      requirement: 'Under an access mode a live event with a `private` tag goes to those whom the tag names.',
      catches: ['D10'],
      run: (scene) => live(scene, tagged(scene)),
    },
    cached: {
      level: 'POLICY',
      title: 'An answer with private events is not given to the next',
      requirement:
        'What one client was answered, who may see private events, is not given again to one who may not.',
      catches: ['D26'],
      async run(scene) {
        const { alice, bob, others } = await company(scene);
        const event = tagged(scene);
        await alice.store(event);
        // With a limit that is not reached: a cache may leave filters without one alone.
        const filter = scene.only({ limit: 10 });
        await bob.asked(filter);
        for (const other of others) await other.asked(filter);
        expectNone(others, event, 'out of an answer to another');
      },
    },
    counted: {
      level: 'POLICY',
      title: 'Private events are not counted for others',
      requirement: 'A COUNT says nothing of private events to those whom they do not concern.',
      claim: 45,
      catches: ['private-counted'],
      async run(scene) {
        const { alice, others } = await company(scene);
        await alice.store(direct(scene));
        for (const other of others) {
          other.send('COUNT', 'count', both(scene));
          const answer = await other.expect(
            ([label, id]) => (label === 'COUNT' || label === 'CLOSED') && id === 'count',
          );
          const count = answer?.[0] === 'COUNT' ? field(answer[2], 'count') : 0;
          demand(!Number(count), `a private event was counted for somebody whom it does not concern`);
        }
      },
    },
  },
);

export const servedKindsProbes = section(
  'access/served-kinds',
  { reference: 'the kinds that are declared', needs: ['served-kinds', 'writing'] },
  {
    kept: {
      level: 'POLICY',
      title: 'Kinds that are not served are not delivered either',
      requirement: 'A relay that serves some kinds alone sends no event of another, neither stored nor live.',
      catches: ['D18'],
      async run(scene) {
        const kind = 1 + Math.max(...scene.subject.servedKinds);
        const [client, writer] = [await scene.connect(), await scene.connect()];
        const kinds = [...scene.subject.servedKinds, kind];
        await client.subscribe(scene.only({ kinds }));
        const event = scene.event({ kind, at: 0 });
        await writer.store(event);
        await client.settle();
        demand(!carries(client.messages, event.id), `kind ${kind} was delivered live, and is not served`);
        const got = await client.ask(scene.only({ kinds, ids: [event.id] }));
        demand(got.length === 0, `kind ${kind} is served`);
      },
    },
    'refused-last': {
      level: 'MUST',
      title: 'A refused filter behind one that is served',
      requirement:
        'A REQ is refused or served as a whole: after CLOSED nothing comes for the filters before the refused one.',
      reference: 'NIP-01, From relay to client: CLOSED',
      catches: ['D2'],
      async run(scene) {
        const { servedKinds } = scene.subject;
        const [kind = 1] = servedKinds;
        const [client, writer] = [await scene.connect(), await scene.connect()];
        const filters = [{ kinds: [kind] }, { kinds: [1 + Math.max(...servedKinds)] }];
        const answer = await client.answerTo(client.request(filters.map((filter) => scene.only(filter))));
        if (answer.by !== 'CLOSED')
          throw new NotArranged('needs a relay that refuses filters for kinds that it does not serve');
        const event = scene.event({ kind, at: 0 });
        await writer.store(event);
        await expectNoDelivery(client, answer, event, 'which had been refused');
      },
    },
  },
);
