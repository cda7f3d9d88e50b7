/** EVENT: what a relay takes, what it refuses, and how it says so. */
import type { NostrEvent } from 'nostr-tools/pure';
import { eventId } from '../../corpus/signature.js';
import { quoted, shortId } from '../checks/check.js';
import type { Client } from './client.js';
import { expectAccepted, expectOk, expectRefused } from './expectations.js';
import { malformed, timestamps } from './nip01-event-form.js';
import { NotArranged, section } from './probe.js';
import { demand, type Scene } from './scene.js';
import { named } from './wire-message.js';

const MEGABYTE = 1_000_000;
/** What NIP-01 has relays escape when they compute an id, and what they must leave as it is. */
const TRICKY =
  'line\nquote " backslash \\ return \r tab \t backspace \b feed \f é 日本 🤙🏽 \u2028 \u007f </script> \\u00e9';

async function oksAfterSettling(client: Client, id: string): Promise<number> {
  await client.settle();
  return client.messages.filter((m) => m[0] === 'OK' && m[1] === id).length;
}

/** Publishes on a connection of its own: an OK comes, or the relay ends the connection. */
async function okOrEnding(scene: Scene, event: NostrEvent): Promise<'OK' | 'ended'> {
  const client = await scene.connect();
  const ok = await client.publish(event);
  if (!ok && !client.isOpen) return 'ended';
  expectOk(client, ok, `the addressable event ${shortId(event.id)}`);
  return 'OK';
}

export const eventProbes = section(
  'nip01/event',
  { reference: 'NIP-01, Events and signatures; From relay to client', needs: ['writing'] },
  {
    'valid-accepted': {
      level: 'MUST',
      title: 'A valid event is not called invalid',
      requirement:
        'An event with the right id and signature gets OK true, unless a policy of the relay refuses it.',
      catches: ['valid-refused'],
      async run(scene) {
        const client = await scene.connect();
        expectAccepted(client, await client.publish(scene.event({ content: 'hello' })), 'a valid event');
      },
    },
    'wrong-id': {
      level: 'MUST',
      title: 'A wrong id is refused',
      requirement: 'An event whose id is not the hash of its content gets OK false, and is not served.',
      catches: ['wrong-id-accepted'],
      async run(scene) {
        const client = await scene.connect();
        const event = { ...scene.event({ content: 'one' }), content: 'another' };
        client.send('EVENT', event);
        await expectRefused(client, event, await client.okOf(event.id), 'an event with a wrong id');
      },
    },
    'wrong-signature': {
      level: 'MUST',
      title: 'A wrong signature is refused',
      requirement: 'An event whose signature is not by its author gets OK false, and is not served.',
      catches: ['wrong-signature-accepted'],
      async run(scene) {
        const client = await scene.connect();
        const event = { ...scene.event({ content: 'one' }), sig: scene.event({ content: 'two' }).sig };
        client.send('EVENT', event);
        await expectRefused(client, event, await client.okOf(event.id), 'an event with a wrong signature');
      },
    },
    'off-curve-key': {
      level: 'MUST',
      title: 'A key that is no point of the curve is refused',
      requirement:
        'An event whose author is no public key can have no valid signature: it gets OK false, and is not served.',
      catches: ['D21'],
      async run(scene) {
        const client = await scene.connect();
        const genuine = scene.event();
        const unsigned = { ...genuine, pubkey: scene.offCurve() };
        const event = { ...unsigned, id: eventId(unsigned) };
        client.send('EVENT', event);
        await expectRefused(client, event, await client.okOf(event.id), 'an event of an impossible author');
      },
    },
    ...Object.fromEntries(malformed),
    resubmission: {
      level: 'SHOULD',
      title: 'An event that the relay has gets OK true',
      requirement: 'Sending an event again is no error: OK is true, with `duplicate:` if anything.',
      catches: ['D19'],
      async run(scene) {
        const client = await scene.connect();
        const event = scene.event();
        await client.store(event);
        const since = client.messages.length;
        client.post(event);
        const { accepted, reason } = expectOk(
          client,
          await client.okOf(event.id, since),
          'an event sent again',
        );
        demand(accepted, `the second OK is false: ${quoted(reason)}`);
      },
    },
    'ok-once': {
      level: 'MUST',
      title: 'One OK for each EVENT',
      requirement: 'Each EVENT is answered by exactly one OK, also when the relay has the event already.',
      catches: ['oks-doubled', 'oks-dropped'],
      async run(scene) {
        const client = await scene.connect();
        const event = scene.event();
        expectOk(client, await client.publish(event), 'an event');
        const since = client.messages.length;
        client.post(event);
        expectOk(client, await client.okOf(event.id, since), 'an event sent again');
        const oks = await oksAfterSettling(client, event.id);
        demand(oks === 2, `${oks} OKs came for an event that was sent twice`);
      },
    },
    escapes: {
      level: 'MUST',
      title: 'Escapes and Unicode keep the id',
      requirement:
        'Line breaks, quotes, backslashes and any Unicode in content and tags keep id and text as they were signed.',
      catches: ['unicode-normalised'],
      async run(scene) {
        const client = await scene.connect();
        const event = scene.event({ content: TRICKY, tags: [['x', TRICKY]] });
        expectAccepted(client, await client.publish(event), 'an event with escapes');
        const [got] = await client.ask({ ids: [event.id] });
        if (!got) throw new NotArranged('needs the event served back');
        const same = got.content === TRICKY && JSON.stringify(got.tags) === JSON.stringify(event.tags);
        demand(same, 'content or tags came back altered');
      },
    },
    'empty-tags': {
      level: 'MUST',
      title: 'An event without tags',
      requirement: 'An event with an empty list of tags is as valid as any.',
      catches: ['untagged-refused'],
      async run(scene) {
        const client = await scene.connect();
        const content = `without tags ${scene.tag}`;
        const event = scene.signed({ kind: 1, content, tags: [], created_at: scene.nowS - 10 });
        expectAccepted(client, await client.publish(event), 'an event without tags');
      },
    },
    'large-content': {
      level: 'SHOULD',
      title: 'A megabyte of content is answered, not hung upon',
      requirement: 'A large event gets an OK, a NOTICE, or the end of the connection; never silence.',
      catches: ['large-event-ignored'],
      async run(scene) {
        const client = await scene.connect();
        const event = scene.event({ content: 'x'.repeat(MEGABYTE) });
        client.send('EVENT', event);
        const answer = await client.expect((m) => (m[0] === 'OK' && m[1] === event.id) || m[0] === 'NOTICE');
        if (!answer && client.isOpen) client.unanswered('neither OK nor NOTICE for an event of 1 MB');
        return answer
          ? `${String(answer[0])} ${quoted(String(answer.at(-1)))}`
          : `ended: ${quoted(client.ending ?? '')}`;
      },
    },
    ...Object.fromEntries(timestamps),
    'created-at-scientific': {
      level: 'INFO',
      title: 'created_at: 1.7e9',
      requirement:
        'An integer may be written in scientific notation in JSON; noted is what the relay makes of it.',
      catches: ['times-refused'],
      async run(scene) {
        const client = await scene.connect();
        const event = scene.signed({
          kind: 1,
          content: '',
          tags: [['t', scene.tag]],
          created_at: 1_700_000_000,
        });
        client.sendFrame(`["EVENT",${JSON.stringify(event).replace('1700000000', '1.7e9')}]`);
        const ok = await client.okOf(event.id);
        if (!ok) return 'no OK';
        return ok.accepted ? 'accepted' : `refused: ${quoted(ok.reason)}`;
      },
    },
    'kind-zero': {
      level: 'MUST',
      title: 'Kind 0 is a kind',
      requirement: 'Kind 0 is valid and can be asked for.',
      catches: ['kind-zero-refused'],
      async run(scene) {
        const client = await scene.connect();
        const event = scene.event({ kind: 0, content: '{}' }, scene.stranger());
        expectAccepted(client, await client.publish(event), 'kind 0');
      },
    },
    'kind-greatest': {
      level: 'MUST',
      title: 'Kind 65535 is a kind',
      requirement: 'Kinds go up to 65535.',
      catches: ['kind-greatest-refused'],
      async run(scene) {
        const client = await scene.connect();
        expectAccepted(client, await client.publish(scene.event({ kind: 65_535 })), 'kind 65535');
      },
    },
    'kind-too-great': {
      level: 'SHOULD',
      title: 'Kind 65536 is none',
      requirement: 'A kind above 65535 is outside the form of an event: it is refused.',
      catches: ['kind-65536-accepted'],
      async run(scene) {
        const client = await scene.connect();
        const event = scene.event({ kind: 65_536 });
        client.send('EVENT', event);
        const ok = await client.okOf(event.id);
        demand(ok?.accepted !== true, 'kind 65536 was accepted');
      },
    },
    'extra-fields': {
      level: 'INFO',
      title: 'Fields that NIP-01 does not know',
      requirement:
        'Fields beside the seven are no part of an event; noted is whether it is taken, and what is served.',
      catches: ['extra-fields-refused'],
      async run(scene) {
        const client = await scene.connect();
        const event = { ...scene.event(), seen_on: 'nowhere' };
        client.send('EVENT', event);
        const ok = await client.okOf(event.id);
        if (!ok?.accepted) return `refused: ${quoted(ok?.reason ?? 'no OK')}`;
        const [got] = await client.ask({ ids: [event.id] });
        return `accepted; served ${got && 'seen_on' in got ? 'with' : 'without'} the field`;
      },
    },
    'addressable-without-d': {
      level: 'MUST',
      title: 'An addressable event without a d tag is answered',
      requirement: 'Every EVENT gets an OK, an addressable event without a `d` tag too.',
      catches: ['D24'],
      async run(scene) {
        const event = scene.event({ kind: 30_023 });
        if ((await okOrEnding(scene, event)) === 'OK') return;
        // That the connection ended is the answer to this event alone if one with a d tag gets an OK.
        const named = scene.event({ kind: 30_023, tags: [['d', scene.tag]] });
        if ((await okOrEnding(scene, named)) === 'ended' || (await okOrEnding(scene, event)) === 'OK')
          throw new NotArranged('the relay ended the connection');
        demand(
          false,
          `the relay ended the connection, twice, over the addressable event ${shortId(event.id)} without a d tag; with one it gets an OK`,
        );
      },
    },
    'served-as-signed': {
      level: 'MUST',
      title: 'An event is served as it was signed',
      requirement: 'All seven fields come back as they were sent, to another connection too.',
      catches: ['tags-shortened'],
      async run(scene) {
        const client = await scene.connect();
        const event = scene.event({
          content: 'as it was',
          tags: [['e', scene.tag.padEnd(64, '0'), '', 'root']],
        });
        await client.store(event);
        const reader = await scene.connect();
        const got = await reader.ask(scene.only());
        if (got.length === 0) throw new NotArranged('needs the event served back');
        const others = got.filter(({ id }) => id !== event.id);
        demand(others.length === 0, `one event was stored, and ${named(others)} came`);
        const isAsSigned = got.every(
          ({ sig, tags }) => sig === event.sig && JSON.stringify(tags) === JSON.stringify(event.tags),
        );
        demand(isAsSigned, 'signature or tags came back altered');
      },
    },
  },
);
