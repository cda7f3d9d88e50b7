/** AUTH: the challenge, the answer to it, and what it opens. */
import { quoted } from '../checks/check.js';
import type { Client } from './client.js';
import { expectOk } from './expectations.js';
import { NotArranged, section } from './probe.js';
import { type AuthDraft, demand, type Scene } from './scene.js';

const HOUR_S = 3_600;

/** An AUTH that is wrong in one way gets OK false, and opens nothing. */
async function expectAuthRefused(scene: Scene, what: string, draft: AuthDraft): Promise<void> {
  const client = await scene.connect({ as: 'nobody' });
  const event = scene.authEvent(await scene.challengeOf(client), draft);
  const { accepted } = expectOk(client, await client.authenticate(event), `an AUTH ${what}`);
  demand(!accepted, `an AUTH ${what} was accepted`);
}

async function expectClosed(client: Client, prefix: string): Promise<string> {
  const answer = await client.answerTo(client.request([{ kinds: [1], limit: 1 }]));
  if (answer.by === undefined) client.unanswered('neither EOSE nor CLOSED for a REQ');
  demand(answer.by === 'CLOSED', `a REQ was served that should have been refused with ${prefix}`);
  demand(answer.reason.startsWith(prefix), `the CLOSED says ${quoted(answer.reason)}, not ${prefix}`);
  return answer.subscription;
}

/** Only `auth-required:` says that AUTH is what was lacking; what else is refused is the relay's policy. */
function leaveOtherRefusalsOpen(reason: string): void {
  if (reason.startsWith('auth-required:')) return;
  throw new NotArranged(
    `needs a key that the relay admits (--allowed-key), and no other policy; it said ${quoted(reason)}`,
  );
}

const wrong: Readonly<Record<string, readonly [string, string, AuthDraft]>> = {
  'wrong-challenge-relay': [
    'of another relay',
    'The relay tag names this relay.',
    { relay: 'wss://relay.invalid/' },
  ],
  'wrong-kind': ['of another kind', 'An AUTH event has kind 22242.', { kind: 22_243 }],
  'hour-old': ['an hour old', 'created_at is close to now.', { at: -HOUR_S }],
  'hour-ahead': ['an hour ahead', 'created_at is close to now.', { at: HOUR_S }],
};

export const authProbes = section(
  'nip42',
  { reference: 'NIP-42, Signed event verification; Protocol flow', claim: 42 },
  {
    'right-auth': {
      level: 'MUST',
      title: 'A right AUTH gets OK true',
      requirement:
        'An AUTH with the challenge of its connection, the address of the relay and the time of now is accepted.',
      catches: ['auth-refused'],
      async run(scene) {
        const client = await scene.connect({ as: 'nobody' });
        const event = scene.authEvent(await scene.challengeOf(client));
        const { accepted, reason } = expectOk(client, await client.authenticate(event), 'an AUTH');
        if (!accepted && /^restricted:|^blocked:/.test(reason)) {
          throw new NotArranged(
            `needs a key that the relay admits (--allowed-key); it said ${quoted(reason)}`,
          );
        }
        demand(
          accepted,
          `a right AUTH was refused: ${quoted(reason)}; is ${scene.subject.authUrl} its address (--auth-url)?`,
        );
      },
    },
    ...Object.fromEntries(
      Object.entries(wrong).map(([name, [what, requirement, draft]]) => [
        name,
        {
          level: 'MUST' as const,
          title: `An AUTH ${what} is refused`,
          requirement,
          catches: ['auth-unchecked'] as const,
          run: (scene: Scene) => expectAuthRefused(scene, what, draft),
        },
      ]),
    ),
    'wrong-challenge': {
      level: 'MUST',
      title: 'An AUTH with another challenge is refused',
      requirement: 'The challenge tag holds the challenge that the relay sent on this connection.',
      catches: ['auth-unchecked'],
      async run(scene) {
        const client = await scene.connect({ as: 'nobody' });
        const challenge = await scene.challengeOf(client);
        const event = scene.authEvent(`${challenge}x`);
        const { accepted } = expectOk(
          client,
          await client.authenticate(event),
          'an AUTH with another challenge',
        );
        demand(!accepted, 'an AUTH with another challenge was accepted');
      },
    },
    'wrong-signature': {
      level: 'MUST',
      title: 'An AUTH with a wrong signature is refused',
      requirement: 'An AUTH event is signed by its author.',
      catches: ['auth-unchecked'],
      async run(scene) {
        const client = await scene.connect({ as: 'nobody' });
        const event = scene.authEvent(await scene.challengeOf(client));
        const forged = { ...event, sig: scene.event().sig };
        const { accepted } = expectOk(client, await client.authenticate(forged), 'a forged AUTH');
        demand(!accepted, 'an AUTH with a wrong signature was accepted');
      },
    },
    'other-connection': {
      level: 'MUST',
      title: 'The challenge of another connection is refused',
      requirement: 'A challenge is valid on the connection that it was sent on.',
      catches: ['auth-unchecked'],
      async run(scene) {
        const [one, two] = [await scene.connect({ as: 'nobody' }), await scene.connect({ as: 'nobody' })];
        const [theirs, own] = [await scene.challengeOf(one), await scene.challengeOf(two)];
        if (theirs === own)
          throw new NotArranged('needs a challenge of its own for each connection; nothing demands that');
        const ok = expectOk(two, await two.authenticate(scene.authEvent(theirs)), 'an AUTH');
        demand(!ok.accepted, 'an AUTH with the challenge of another connection was accepted');
      },
    },
    'challenge-again': {
      level: 'INFO',
      title: 'The challenge comes more than once',
      requirement: 'One challenge a connection is enough; noted is whether it is sent again with later REQs.',
      catches: ['D16'],
      async run(scene) {
        const client = await scene.connect({ as: 'nobody' });
        await scene.challengeOf(client);
        for (let turn = 0; turn < 3; turn++) await client.isAlive();
        const challenges = client.messages.filter(([label]) => label === 'AUTH').length;
        return challenges > 1 ? `${challenges} challenges came` : undefined;
      },
    },
  },
);

export const authRequiredProbes = section(
  'nip42',
  { reference: 'NIP-42, Protocol flow', claim: 42, needs: ['auth-required'] },
  {
    'challenge-offered': {
      level: 'MUST',
      title: 'A refusal comes with a challenge',
      requirement: 'A client that is told `auth-required:` has been given a challenge before.',
      catches: ['challenge-dropped'],
      async run(scene) {
        const client = await scene.connect({ as: 'nobody' });
        const subscription = await expectClosed(client, 'auth-required:');
        const at = (label: string, id?: string) =>
          client.messages.findIndex((m) => m[0] === label && (id === undefined || m[1] === id));
        const [challenge, closed] = [at('AUTH'), at('CLOSED', subscription)];
        demand(
          challenge >= 0 && challenge < closed,
          'no challenge came before the CLOSED with auth-required:',
        );
      },
    },
    'req-flow': {
      level: 'MUST',
      title: 'After AUTH a REQ is served',
      requirement:
        'A REQ that was refused with `auth-required:` is served after AUTH on the same connection.',
      catches: ['auth-opens-nothing'],
      async run(scene) {
        const client = await scene.connect({ as: 'nobody' });
        await expectClosed(client, 'auth-required:');
        await scene.logIn(client, scene.alice);
        const { by, reason } = await client.answerTo(client.request([scene.only()]));
        if (by === 'CLOSED') leaveOtherRefusalsOpen(reason);
        demand(by === 'EOSE', `after AUTH the REQ got ${by === undefined ? 'no answer' : quoted(reason)}`);
      },
    },
    'event-flow': {
      level: 'MUST',
      title: 'After AUTH an EVENT is taken',
      requirement:
        'An EVENT that was refused with `auth-required:` is taken after AUTH on the same connection.',
      needs: ['auth-required', 'writing'],
      catches: ['auth-opens-nothing'],
      async run(scene) {
        const client = await scene.connect({ as: 'nobody' });
        const event = scene.event();
        const first = expectOk(client, await client.publish(event), 'an EVENT before AUTH');
        if (first.accepted) return 'taken without AUTH';
        leaveOtherRefusalsOpen(first.reason);
        await scene.logIn(client, scene.alice);
        const since = client.messages.length;
        client.post(event);
        const ok = expectOk(client, await client.okOf(event.id, since), 'an EVENT after AUTH');
        if (!ok.accepted) leaveOtherRefusalsOpen(ok.reason);
        demand(ok.accepted, `after AUTH the EVENT was refused: ${quoted(ok.reason)}`);
      },
    },
    'connection-bound': {
      level: 'MUST',
      title: 'Authentication stays on its connection',
      requirement: 'That one connection has authenticated opens nothing to another.',
      catches: ['auth-shared'],
      async run(scene) {
        await scene.connect({ as: scene.alice });
        await expectClosed(await scene.connect({ as: 'nobody' }), 'auth-required:');
      },
    },
    'refused-auth-opens-nothing': {
      level: 'MUST',
      title: 'A refused AUTH opens nothing',
      requirement: 'After OK false to an AUTH the client is where it was.',
      catches: ['refused-auth-opens'],
      async run(scene) {
        const client = await scene.connect({ as: 'nobody' });
        const event = scene.authEvent(await scene.challengeOf(client), { relay: 'wss://relay.invalid/' });
        const { accepted } = expectOk(client, await client.authenticate(event), 'an AUTH of another relay');
        if (accepted) throw new NotArranged('needs an AUTH that is refused; see nip42/wrong-challenge-relay');
        await expectClosed(client, 'auth-required:');
      },
    },
    'second-key-adds': {
      level: 'MUST',
      title: 'A second key is added',
      requirement:
        'AUTH with several keys authenticates all of them: a later one takes nothing from the first.',
      needs: ['auth-required', 'allowlist'],
      catches: ['D6'],
      async run(scene) {
        const client = await scene.connect({ as: scene.alice });
        const challenge = await scene.challengeOf(client);
        const ok = await client.authenticate(scene.authEvent(challenge, { key: scene.stranger() }));
        expectOk(client, ok, 'a second AUTH');
        const { by, reason } = await client.answerTo(client.request([scene.only()]));
        demand(
          by === 'EOSE',
          `after a second AUTH a REQ of the first key got ${by === undefined ? 'no answer' : quoted(reason)}`,
        );
      },
    },
    restricted: {
      level: 'SHOULD',
      title: 'A key that is not admitted gets restricted:',
      requirement: 'A client that has authenticated with a key that is not allowed is told `restricted:`.',
      needs: ['auth-required', 'allowlist'],
      catches: ['restricted-as-auth-required'],
      async run(scene) {
        const client = await scene.connect({ as: 'nobody' });
        const challenge = await scene.challengeOf(client);
        const ok = await client.authenticate(scene.authEvent(challenge, { key: scene.stranger() }));
        if (!expectOk(client, ok, 'the AUTH of a stranger').accepted) return 'its AUTH is refused';
        await expectClosed(client, 'restricted:');
      },
    },
  },
);
