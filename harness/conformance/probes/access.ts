/** What a relay that demands AUTH gives to those who have not given it: nothing. */

import type { Filter } from 'nostr-tools/filter';
import { expectOk } from './expectations.js';
import { section } from './probe.js';
import { demand, type Scene } from './scene.js';
import { carries } from './wire-message.js';

/** A REQ of nobody is sent, an event published: nothing of it may arrive. */
async function expectNothingLive(scene: Scene, filter: Filter): Promise<void> {
  const nobody = await scene.connect({ as: 'nobody' });
  const writer = await scene.connect();
  await nobody.answerTo(nobody.request([filter]));
  const event = scene.event({ at: 0 });
  await writer.store(event);
  await writer.settle();
  await nobody.isAlive();
  demand(!carries(nobody.messages, event.id), 'a client that has not authenticated got a live event');
}

export const accessProbes = section(
  'access/auth-required',
  { reference: 'NIP-11, auth_required; NIP-42', needs: ['auth-required', 'writing'] },
  {
    stored: {
      level: 'POLICY',
      title: 'No stored event without AUTH',
      requirement: 'A relay that demands AUTH sends no stored event to a client that has not authenticated.',
      catches: ['stored-leaked'],
      async run(scene) {
        const [nobody, writer] = [await scene.connect({ as: 'nobody' }), await scene.connect()];
        const event = scene.event();
        await writer.store(event);
        await nobody.answerTo(nobody.request([scene.only()]));
        await nobody.answerTo(nobody.request([{ ids: [event.id] }]));
        demand(!carries(nobody.messages, event.id), 'a client that has not authenticated got a stored event');
      },
    },
    live: {
      level: 'POLICY',
      title: 'No live event without AUTH',
      requirement: 'A relay that demands AUTH sends no live event to a client that has not authenticated.',
      catches: ['live-leaked'],
      run: (scene) => expectNothingLive(scene, scene.only()),
    },
    'limit-zero': {
      level: 'POLICY',
      title: 'limit: 0 is no way in',
      requirement: 'A REQ with `limit: 0` by a client that has not authenticated gets no live event either.',
      catches: ['D17'],
      run: (scene) => expectNothingLive(scene, scene.only({ limit: 0 })),
    },
    cached: {
      level: 'POLICY',
      title: 'No answer of another from a cache',
      requirement:
        'What an authenticated client was answered is not given to one that has not authenticated.',
      catches: ['stored-leaked'],
      async run(scene) {
        const [nobody, reader] = [await scene.connect({ as: 'nobody' }), await scene.connect()];
        const event = scene.event();
        await reader.store(event);
        await reader.ask(scene.only());
        await nobody.answerTo(nobody.request([scene.only()]));
        demand(
          !carries(nobody.messages, event.id),
          "a client that has not authenticated got another's answer",
        );
      },
    },
    counted: {
      level: 'POLICY',
      title: 'No count without AUTH',
      requirement: 'A relay that demands AUTH counts nothing for a client that has not authenticated.',
      claim: 45,
      catches: ['count-leaked'],
      async run(scene) {
        const [nobody, writer] = [await scene.connect({ as: 'nobody' }), await scene.connect()];
        await writer.store(scene.event());
        nobody.send('COUNT', 'count', scene.only());
        const answer = await nobody.expect(
          ([label, id]) => (label === 'COUNT' || label === 'CLOSED') && id === 'count',
        );
        demand(answer?.[0] !== 'COUNT', 'a client that has not authenticated got a COUNT');
      },
    },
    written: {
      level: 'POLICY',
      title: 'No writing without AUTH',
      requirement: 'A relay that demands AUTH takes no event from a client that has not authenticated.',
      catches: ['writing-unguarded'],
      async run(scene) {
        const nobody = await scene.connect({ as: 'nobody' });
        const { accepted } = expectOk(nobody, await nobody.publish(scene.event()), 'an event without AUTH');
        demand(!accepted, 'an event was taken from a client that has not authenticated');
      },
    },
  },
);
