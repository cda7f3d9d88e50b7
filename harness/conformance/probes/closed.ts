/** CLOSED: how refusals are worded. */
import { quoted } from '../checks/check.js';
import { hasPrefix } from '../checks/subscription.js';
import { NotArranged, section } from './probe.js';
import { demand } from './scene.js';

export const closedProbes = section(
  'closed',
  { reference: 'NIP-01, From relay to client' },
  {
    prefix: {
      level: 'SHOULD',
      title: 'A CLOSED says why, machine-readably',
      requirement: 'The message of a CLOSED begins with a single-word prefix and a colon.',
      catches: ['refusals-without-prefix'],
      async run(scene) {
        const client = await scene.connect();
        client.send('REQ', 'bad', { ids: ['zz'] });
        const { by, reason } = await client.answerTo('bad');
        if (by !== 'CLOSED') throw new NotArranged('needs a REQ that is refused');
        demand(hasPrefix(reason), `the CLOSED says ${quoted(reason)}`);
      },
    },
    'ok-prefix': {
      level: 'MUST',
      title: 'A refusing OK says why, machine-readably',
      requirement: 'The message of an OK false begins with a single-word prefix and a colon.',
      needs: ['writing'],
      catches: ['ok-refusals-without-prefix'],
      async run(scene) {
        const client = await scene.connect();
        const event = { ...scene.event(), content: 'altered' };
        client.send('EVENT', event);
        const ok = await client.okOf(event.id);
        if (!ok || ok.accepted) throw new NotArranged('needs an event that is refused');
        demand(hasPrefix(ok.reason), `the OK says ${quoted(ok.reason)}`);
      },
    },
    'failed-source': {
      level: 'INFO',
      title: 'What a REQ gets whose query fails',
      requirement:
        'Nothing says what a relay answers that can not look for events just now; noted is what it does.',
      needs: ['failing-kind'],
      catches: ['failure-hidden'],
      async run(scene) {
        const client = await scene.connect();
        const { failingKind } = scene.subject;
        const subscription = client.request([
          { kinds: failingKind === undefined ? [] : [failingKind], limit: 1 },
        ]);
        const { by } = await client.answerTo(subscription);
        const notice = client.messages.some(([label]) => label === 'NOTICE') ? 'NOTICE, ' : '';
        return `${notice}${by ?? 'no end'}`;
      },
    },
    'reused-id': {
      level: 'SHOULD',
      title: 'An id that was closed can be used again',
      requirement: 'After a CLOSED its subscription id is free for a new REQ.',
      catches: ['closed-id-burnt'],
      async run(scene) {
        const client = await scene.connect();
        client.send('REQ', 'again', { ids: ['zz'] });
        const refused = await client.answerTo('again');
        if (refused.by !== 'CLOSED') throw new NotArranged('needs a REQ that is refused');
        const since = client.messages.length;
        client.send('REQ', 'again', { ids: ['0'.repeat(64)] });
        const { by, reason } = await client.answerTo('again', since);
        if (by === 'EOSE') return;
        const other = await client.answerTo(client.request([{ ids: ['0'.repeat(64)] }]));
        if (other.by !== 'EOSE') throw new NotArranged('needs a REQ with another id that is served');
        demand(false, `a REQ with an id that had been closed got ${by ?? 'no answer'} ${quoted(reason)}`);
      },
    },
  },
);
