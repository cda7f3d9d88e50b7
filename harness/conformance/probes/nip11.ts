/** The information document, and whether the limits in it are kept. */
import { quoted } from '../checks/check.js';
import { expectEvents } from './expectations.js';
import { withPatience } from './patience.js';
import { Broken, NotArranged, section } from './probe.js';
import { demand, type Scene } from './scene.js';
import { field } from './subject.js';

const ORIGIN = 'https://client.example';
const NOWHERE = '0'.repeat(64);

async function fetchDocument({ subject }: Scene): Promise<Response> {
  const url = subject.url.replace(/^ws/, 'http');
  // A page of another origin says where it comes from; without that a server need not send CORS headers (Fetch, 3.2).
  const headers = { accept: 'application/nostr+json', origin: ORIGIN };
  try {
    return await withPatience(subject, (signal) => fetch(url, { headers, signal }));
  } catch (error) {
    throw new Broken(
      `the document could not be fetched from ${url}: ${error instanceof Error ? error.message : 'unknown'}`,
    );
  }
}

export const informationProbes = section(
  'nip11',
  { reference: 'NIP-11', claim: 11 },
  {
    document: {
      level: 'SHOULD',
      title: 'A JSON object on the address of the relay',
      requirement:
        'An HTTP request to the WebSocket address that accepts application/nostr+json gets a JSON object.',
      catches: ['document-is-text'],
      async run(scene) {
        const response = await fetchDocument(scene);
        const text = await response.text();
        demand(response.ok, `the answer has the status ${response.status}`);
        demand(isObject(text), `the answer is no JSON object: ${quoted(text)}`);
      },
    },
    'content-type': {
      level: 'INFO',
      title: 'The document has another content type than JSON',
      requirement:
        'The document is asked for as application/nostr+json; NIP-11 does not say with which content type it is sent.',
      catches: ['document-as-html'],
      async run(scene) {
        const type = (await fetchDocument(scene)).headers.get('content-type') ?? 'none';
        return /^application\/(nostr\+)?json\b/.test(type)
          ? undefined
          : `the content type is ${quoted(type)}`;
      },
    },
    cors: {
      level: 'MUST',
      title: 'Web pages may read the document',
      requirement: 'CORS headers are sent, with Access-Control-Allow-Origin among them.',
      catches: ['document-without-cors'],
      async run(scene) {
        const origin = (await fetchDocument(scene)).headers.get('access-control-allow-origin');
        demand(origin !== null, 'there is no Access-Control-Allow-Origin header');
      },
    },
    'cors-headers': {
      level: 'MUST',
      title: 'All three CORS headers are sent',
      requirement:
        'Access-Control-Allow-Origin, Access-Control-Allow-Headers and Access-Control-Allow-Methods are sent.',
      catches: ['document-without-cors'],
      async run(scene) {
        const { headers } = await fetchDocument(scene);
        const missing = ['origin', 'headers', 'methods'].filter(
          (part) => headers.get(`access-control-allow-${part}`) === null,
        );
        const names = missing.map((part) => `Access-Control-Allow-${part[0]?.toUpperCase()}${part.slice(1)}`);
        demand(missing.length === 0, `there is no ${names.join(', and no ')} header`);
      },
    },
    'max-filters': {
      level: 'POLICY',
      title: 'max_filters is kept',
      requirement:
        'As many filters as stated are served; one more is refused by CLOSED, or fails with the connection.',
      reference: 'NIP-11, limitation (max_filters, as the relay states it)',
      catches: ['limits-understated'],
      async run(scene) {
        const limit = scene.limit('max_filters', 500);
        const client = await scene.connect();
        const filters = (count: number) => Array.from({ length: count }, () => ({ ids: [NOWHERE] }));
        const within = await client.answerTo(client.request(filters(limit)));
        demand(
          within.by === 'EOSE',
          `a REQ of ${limit} filters got ${within.by ?? 'no answer'} ${quoted(within.reason)}`,
        );
        const beyond = await client.answerTo(client.request(filters(limit + 1)));
        const isRefused = beyond.by === 'CLOSED' || !client.isOpen;
        demand(isRefused, `a REQ of ${limit + 1} filters got ${beyond.by ?? 'no answer'}`);
      },
    },
    'max-subscriptions': {
      level: 'POLICY',
      title: 'max_subscriptions is kept',
      requirement:
        'As many subscriptions as stated can be open; one more is refused by CLOSED, or fails with the connection.',
      catches: ['limits-understated'],
      async run(scene) {
        const limit = scene.limit('max_subscriptions', 1_000);
        const client = await scene.connect();
        const ids = Array.from({ length: limit }, () => client.request([{ ids: [NOWHERE] }]));
        for (const id of ids) {
          const { by, reason } = await client.answerTo(id);
          demand(by === 'EOSE', `one of ${limit} subscriptions got ${by ?? 'no answer'} ${quoted(reason)}`);
        }
        const beyond = await client.answerTo(client.request([{ ids: [NOWHERE] }]));
        const isRefused = beyond.by === 'CLOSED' || !client.isOpen;
        demand(isRefused, `subscription ${limit + 1} got ${beyond.by ?? 'no answer'}`);
      },
    },
    'max-subid-length': {
      level: 'POLICY',
      title: 'max_subid_length is kept',
      requirement: 'An id as long as stated is served.',
      catches: ['limits-overstated'],
      async run(scene) {
        const limit = scene.limit('max_subid_length', 10_000);
        const client = await scene.connect();
        const { by, reason } = await client.answerTo(client.request([{ ids: [NOWHERE] }], 'x'.repeat(limit)));
        demand(by === 'EOSE', `an id of ${limit} characters got ${by ?? 'no answer'} ${quoted(reason)}`);
      },
    },
    'max-limit': {
      level: 'POLICY',
      title: 'max_limit is kept',
      requirement: 'A filter gets as many events as stated, and no more.',
      needs: ['writing'],
      catches: ['limits-understated'],
      async run(scene) {
        const limit = scene.limit('max_limit', 200);
        const client = await scene.connect();
        const events = scene.events(limit + 1, { at: -300 });
        await client.storeAll(events);
        const answer = await client.answerTo(client.request([scene.only({ limit: limit + 1 })]));
        if (answer.by === 'CLOSED') return 'a greater limit is refused';
        expectEvents(answer.events, events.slice(0, limit));
      },
    },
    'max-event-tags': {
      level: 'POLICY',
      title: 'max_event_tags is kept',
      requirement: 'An event with as many tags as stated is not refused for its tags.',
      needs: ['writing'],
      catches: ['limits-overstated'],
      async run(scene) {
        const limit = scene.limit('max_event_tags', 5_000);
        const tags = Array.from({ length: limit - 1 }, (_, index) => ['x', String(index)]);
        const client = await scene.connect();
        const ok = await client.publish(scene.event({ tags }));
        if (!ok && !client.isOpen) throw new NotArranged('the message was too large for the relay');
        demand(ok !== undefined, `an event of ${limit} tags got no OK`);
        if (ok.accepted) return;
        demand(!/\btags?\b/i.test(ok.reason), `an event of ${limit} tags got ${quoted(ok.reason)}`);
        throw new NotArranged(`needs an event that is not refused for other reasons: ${quoted(ok.reason)}`);
      },
    },
    'auth-required': {
      level: 'POLICY',
      title: 'auth_required says what is',
      requirement:
        'A relay that states auth_required: true refuses REQs of clients that have not authenticated.',
      catches: ['auth-overstated'],
      async run(scene) {
        const stated = field(field(scene.subject.nip11, 'limitation'), 'auth_required');
        if (stated !== true) throw new NotArranged('needs auth_required: true in NIP-11');
        const client = await scene.connect({ as: 'nobody' });
        const { by } = await client.answerTo(client.request([{ kinds: [1], limit: 1 }]));
        demand(by !== 'EOSE', 'a REQ is served without AUTH');
      },
    },
  },
);

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
