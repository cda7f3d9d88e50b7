/** REQs that are refused: answered by CLOSED under their id, as a whole. */
import { quoted } from '../checks/check.js';
import type { Answer, Client } from './client.js';
import { NotArranged, section } from './probe.js';
import { demand, type Scene } from './scene.js';

/** Sends a REQ as it is; how it was answered, and what else was said. */
async function sendRaw(client: Client, subscription: string, ...rest: readonly unknown[]): Promise<Answer> {
  const since = client.messages.length;
  client.send('REQ', subscription, ...rest);
  return client.answerTo(subscription, since);
}

/** A REQ that breaks the rules: served or refused, but answered under its id (NIP-01: CLOSED MUST be sent). */
async function expectServedOrClosed(scene: Scene, ...filters: readonly unknown[]): Promise<string> {
  const client = await scene.connect();
  const { by, reason } = await sendRaw(client, 'odd', ...filters);
  if (by !== undefined) return by === 'CLOSED' ? `CLOSED ${quoted(reason)}` : 'served';
  if (!(await client.isAlive()))
    throw new NotArranged('the relay ended the connection, or stopped answering on it');
  const notice = client.messages.find(([label]) => label === 'NOTICE');
  const instead = notice ? `a NOTICE came instead: ${quoted(String(notice[1]))}` : 'nothing came';
  demand(false, `the REQ got neither EOSE nor CLOSED under its id; ${instead}. A later REQ was answered`);
}

const REFUSED: Readonly<Record<string, readonly [string, ...(readonly unknown[])]>> = {
  'no-filter': ['A REQ without a filter'],
  'filter-a-string': ['A filter that is a string', 'kinds'],
  'filter-a-list': ['A filter that is a list', [1]],
  'filter-null': ['A filter that is null', null],
  'upper-case-id': ['An id in upper case', { ids: ['AB'.repeat(32)] }],
  'short-id': ['An id that is too short', { ids: ['ab'] }],
  'upper-case-author': ['An author in upper case', { authors: ['AB'.repeat(32)] }],
  'ids-a-string': ['ids that is no list', { ids: 'ab'.repeat(32) }],
  'kinds-of-strings': ['kinds of strings', { kinds: ['1'] }],
  'since-a-string': ['since that is no number', { since: 'yesterday' }],
  'limit-negative': ['A negative limit', { limit: -1 }],
  'tag-not-a-list': ['A tag filter that is no list', { '#t': 'nostr' }],
};

export const refusedProbes = section(
  'nip01/req/refused',
  { reference: 'NIP-01, From relay to client: CLOSED' },
  {
    ...Object.fromEntries(
      Object.entries(REFUSED).map(([name, [title, ...filters]]) => [
        name,
        {
          level: 'MUST' as const,
          title,
          requirement:
            'A relay that does not serve a REQ says CLOSED with its id; silence and a NOTICE alone leave the client waiting.',
          catches: ['D13'] as const,
          run: (scene: Scene) => expectServedOrClosed(scene, ...filters),
        },
      ]),
    ),
    'unknown-key': {
      level: 'INFO',
      title: 'A filter key that NIP-01 does not know',
      requirement: 'Unknown keys may be refused (`unsupported:`) or ignored; noted is which.',
      catches: ['unknown-key-ignored'],
      run: (scene) => expectServedOrClosed(scene, { kinds: [1], limit: 1, colour: 'green' }),
    },
    'bad-filter-only': {
      level: 'MUST',
      title: 'One CLOSED for a rejected REQ, and nothing else',
      requirement: 'A rejected REQ gets one CLOSED; no EVENT and no EOSE follow it.',
      needs: ['writing'],
      catches: ['eose-after-refusal'],
      run: (scene) => rejectedWhole(scene, [{ ids: ['zz'] }]),
    },
    'bad-filter-first': {
      level: 'MUST',
      title: 'A bad filter before a good one',
      requirement: 'A REQ is rejected or served as a whole: after CLOSED nothing comes for its good filters.',
      needs: ['writing'],
      catches: ['eose-after-refusal'],
      run: (scene) => rejectedWhole(scene, [{ ids: ['zz'] }, scene.only()]),
    },
    'bad-filter-last': {
      level: 'MUST',
      title: 'A bad filter after a good one',
      requirement: 'A REQ is rejected or served as a whole: after CLOSED nothing comes for its good filters.',
      needs: ['writing'],
      catches: ['D2'],
      run: (scene) => rejectedWhole(scene, [scene.only(), { ids: ['zz'] }]),
    },
  },
);

/** After the CLOSED of a REQ: no second one, no EOSE, no stored event, no live event. */
async function rejectedWhole(scene: Scene, filters: readonly object[]): Promise<string> {
  const client = await scene.connect();
  const writer = await scene.connect();
  await writer.store(scene.event());
  const answer = await sendRaw(client, 'mixed', ...filters);
  if (answer.by === undefined) throw new NotArranged('needs a REQ that is answered; see nip01/req/refused');
  if (answer.by === 'EOSE') return 'the relay serves it';
  await writer.store(scene.event({ at: 0, content: 'after the refusal' }));
  await client.settle();
  const own = client.messages.filter(([, id]) => id === 'mixed');
  const closed = own.findIndex(([label]) => label === 'CLOSED');
  const after = own.slice(closed + 1);
  demand(after.length === 0, `${after.map(([label]) => String(label)).join(', ')} came after the CLOSED`);
  return `CLOSED ${quoted(answer.reason)}`;
}
