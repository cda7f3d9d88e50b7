/** NIP-40, 45, 67 and 70: small sections of optional NIPs, tested where the relay claims them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Filter } from 'nostr-tools/filter';
import { quoted } from '../checks/check.js';
import type { Client } from './client.js';
import { expectEvents, expectOk } from './expectations.js';
import { Broken, NotArranged, section } from './probe.js';
import { demand, type Scene } from './scene.js';
import { field } from './subject.js';

/** An event expires, and everybody's clock may be that much off. */
const LEEWAY_MS = 5_000;
const SOON_S = 3;

export const expirationProbes = section(
  'nip40',
  { reference: 'NIP-40, Relay behavior', claim: 40, needs: ['writing'] },
  {
    'expired-dropped': {
      level: 'SHOULD',
      title: 'An event that has expired is dropped',
      requirement: 'An event that has expired when it is published is not served.',
      catches: ['expired-kept'],
      async run(scene) {
        scene.unjudged();
        const client = await scene.connect();
        const event = scene.event({ at: -100, tags: [['expiration', String(scene.nowS - 60)]] });
        expectOk(client, await client.publish(event), 'an expired event');
        expectEvents(await client.ask(scene.only()), []);
      },
    },
    'not-served': {
      level: 'SHOULD',
      title: 'An event is not served when it has expired',
      requirement: 'An event that expires later is served until then, and not any more 5 s after.',
      catches: ['expired-kept'],
      waits: true,
      async run(scene) {
        scene.unjudged();
        const client = await scene.connect();
        const endS = Math.floor(scene.subject.surroundings.wallClockMs() / 1000) + SOON_S;
        const lasting = scene.event({ at: -20, tags: [['expiration', String(scene.nowS + 86_400)]] });
        await client.store(lasting, scene.event({ tags: [['expiration', String(endS)]] }));
        await sleep(endS * 1000 + LEEWAY_MS - scene.subject.surroundings.wallClockMs());
        expectEvents(await client.ask(scene.only()), [lasting]);
      },
    },
  },
);

async function count(client: Client, ...filters: readonly Filter[]): Promise<unknown> {
  client.send('COUNT', 'count', ...filters);
  const answer = await client.expect(
    ([label, id]) => (label === 'COUNT' || label === 'CLOSED') && id === 'count',
  );
  if (!answer) client.unanswered('neither COUNT nor CLOSED came for a COUNT');
  if (answer[0] === 'CLOSED')
    throw new NotArranged(`the relay refused a COUNT: ${quoted(String(answer[2]))}`);
  return answer[2];
}

/** Relays may estimate, and MAY say so (NIP-45): a count that is off breaks nothing. */
async function countedOtherwise(
  scene: Scene,
  wanted: number,
  ...filters: readonly Filter[]
): Promise<string | undefined> {
  const client = await scene.connect();
  await client.store(...scene.events(3, { kind: 1 }), ...scene.events(2, { kind: 7, at: -50 }));
  const result = await count(client, ...filters.map((filter) => scene.only(filter)));
  const counted = field(result, 'count');
  if (counted === wanted) return undefined;
  const isMarked = field(result, 'approximate') === true || field(result, 'hll') !== undefined;
  return `${JSON.stringify(counted)} where ${wanted} match${isMarked ? ', marked as an estimate' : ''}`;
}

export const countProbes = section(
  'nip45',
  { reference: 'NIP-45', claim: 45, needs: ['writing'] },
  {
    count: {
      level: 'INFO',
      title: 'A COUNT is not the number of matches',
      requirement:
        'A COUNT gets the number of matching events. Relays may estimate it, and need not say so; noted is a count that is off.',
      catches: ['count-off'],
      run: (scene) => countedOtherwise(scene, 3, { kinds: [1] }),
    },
    'several-filters': {
      level: 'INFO',
      title: 'A COUNT of several filters is not the number of their matches',
      requirement:
        'Several filters are joined by OR into one count, in which an event that matches two counts once; noted is a count that is off, as an estimate may be.',
      catches: ['count-off'],
      run: (scene) => countedOtherwise(scene, 5, { kinds: [1, 7] }, { kinds: [7] }),
    },
    refused: {
      level: 'MUST',
      title: 'A refused COUNT gets CLOSED',
      requirement: 'A relay that does not serve a COUNT answers with CLOSED and its id.',
      needs: [],
      catches: ['D13'],
      async run(scene) {
        const client = await scene.connect();
        client.send('COUNT', 'bad', { kinds: ['one'] });
        const answer = await countOrClosed(client, 'bad');
        if (!answer && !(await client.isAlive())) throw new NotArranged('the relay ended the connection');
        demand(answer !== undefined, 'a malformed COUNT got no CLOSED with its id; a later REQ was answered');
        expectNoCount(client, answer);
      },
    },
    'refused-without-auth': {
      level: 'MUST',
      title: 'A COUNT that lacks AUTH gets CLOSED',
      requirement: 'A relay that refuses to count for a client answers with CLOSED and its id.',
      needs: ['auth-required'],
      catches: ['D5'],
      async run(scene) {
        const client = await scene.connect({ as: 'nobody' });
        client.send('COUNT', 'count', scene.only());
        const answer = await countOrClosed(client, 'count');
        if (!answer) return client.unanswered('neither COUNT nor CLOSED for a COUNT without AUTH');
        expectNoCount(client, answer);
      },
    },
  },
);

function countOrClosed(client: Client, query: string): Promise<readonly unknown[] | undefined> {
  return client.expect(([label, id]) => (label === 'COUNT' || label === 'CLOSED') && id === query);
}

/** A relay that tells by a NOTICE that it refuses has no count to give. */
function expectNoCount(client: Client, [label]: readonly unknown[]): void {
  const notice = client.messages.find(([one]) => one === 'NOTICE');
  demand(
    label === 'CLOSED' || !notice,
    `a rejected COUNT got a NOTICE and a count: ${quoted(String(notice?.[1]))}`,
  );
}

export const completenessProbes = section(
  'nip67',
  { reference: 'NIP-67', claim: 67, needs: ['writing'] },
  {
    'hints-a-list': {
      level: 'MUST',
      title: 'The hints of EOSE are a list',
      requirement: 'A third element of EOSE is an array of hints.',
      catches: ['hint-a-string'],
      async run(scene) {
        const client = await scene.connect();
        await client.store(scene.event());
        const { extra } = await client.subscribe(scene.only());
        demand(extra.length <= 1, `EOSE has ${extra.length + 2} elements`);
        if (extra.length === 0) return 'no hint';
        demand(Array.isArray(extra[0]), `the third element is ${quoted(JSON.stringify(extra[0]))}`);
      },
    },
    'finish-is-complete': {
      level: 'MUST',
      title: 'finish only when everything was sent',
      requirement: 'The hint `finish` is not sent with an answer that lacks matching events.',
      catches: ['finish-always'],
      async run(scene) {
        const limit = scene.limit('max_limit', 200);
        const client = await scene.connect();
        const events = scene.events(limit + 1, { at: -300 });
        await client.storeAll(events);
        const { events: got, extra } = await client.subscribe(scene.only());
        if (got.length === events.length) return 'nothing was withheld';
        demand(!hints(extra).includes('finish'), `finish came with ${got.length} of ${events.length} events`);
      },
    },
  },
);

function hints([list]: readonly unknown[]): readonly unknown[] {
  return Array.isArray(list) ? list : [];
}

export const protectedProbes = section(
  'nip70',
  { reference: 'NIP-70', claim: 70, needs: ['writing'] },
  {
    'refused-from-nobody': {
      level: 'MUST',
      title: 'A protected event is refused by default',
      requirement: 'An event with the tag `-` is refused unless its author has authenticated.',
      catches: ['D23'],
      async run(scene) {
        const client = await scene.connect({ as: 'nobody' });
        const { accepted } = expectOk(
          client,
          await client.publish(scene.event({ tags: [['-']] })),
          'a protected event',
        );
        demand(!accepted, 'a protected event was taken from a client that has not authenticated');
      },
    },
    'refused-from-others': {
      level: 'MUST',
      title: 'A protected event is refused from others',
      requirement: 'An event with the tag `-` is taken from its author alone.',
      needs: ['writing', 'second-key'],
      claim: 70,
      catches: ['protected-taken'],
      async run(scene) {
        const client = await scene.connect({ as: 'nobody' });
        await scene.logIn(client, scene.bob);
        const { accepted } = expectOk(
          client,
          await client.publish(scene.event({ tags: [['-']] })),
          'a protected event',
        );
        demand(!accepted, "a protected event was taken from a client that authenticated with another's key");
      },
    },
    'from-its-author': {
      level: 'INFO',
      title: 'A protected event from its author',
      requirement: 'A relay may take protected events from their authors, or none at all; noted is which.',
      catches: ['protected-refused'],
      async run(scene) {
        const client = await scene.connect({ as: 'nobody' });
        await scene.logIn(client, scene.alice);
        const { accepted, reason } = expectOk(
          client,
          await client.publish(scene.event({ tags: [['-']] })),
          'a protected event',
        );
        return accepted ? 'taken' : `refused: ${quoted(reason)}`;
      },
    },
    'second-key-adds': {
      level: 'MUST',
      title: 'A second key takes nothing from the first',
      requirement: 'After AUTH with two keys the protected events of both are taken, where those of one are.',
      reference: 'NIP-42, New client-relay protocol messages; NIP-70',
      needs: ['writing', 'second-key'],
      catches: ['D6'],
      async run(scene) {
        const client = await scene.connect({ as: 'nobody' });
        await scene.logIn(client, scene.alice);
        const before = expectOk(
          client,
          await client.publish(scene.event({ tags: [['-']] })),
          'a protected event',
        );
        if (!before.accepted)
          throw new NotArranged('needs a relay that takes protected events from their authors');
        await scene.logIn(client, scene.bob);
        const after = expectOk(
          client,
          await client.publish(scene.event({ at: -5, tags: [['-']] })),
          'a protected event',
        );
        if (!after.accepted)
          throw new Broken(`after a second AUTH the first key is refused: ${quoted(after.reason)}`);
      },
    },
  },
);
