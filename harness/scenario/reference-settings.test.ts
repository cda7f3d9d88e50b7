import { expect, test } from 'vitest';
import { InputError } from '../errors.js';
import { parseScenario } from './loader.js';
import { concreteMembers } from './reference-settings.js';

const HEX = 'ab'.repeat(32);
const scenario = (relay: string) =>
  parseScenario(
    `name: small
corpus: { generate: { events: 10 } }
relay: ${relay}
phases: [{ name: all, arrivals: { closed: { clients: 1 } } }]
clients: { admin: { identity: 0, script: [connect, auth: { within: 500ms }, publish] } }
`,
    's.yaml',
  );

const corpus = { identityPublicKey: (identity: number) => String(identity).repeat(64) };

test('identities of the harness can be named as members, beside public keys', () => {
  const { relay, clients } = scenario(
    `{ access: follows, members: { admin: [$identity(3)], write: [${HEX}] } }`,
  );
  expect(clients.admin?.identity).toBe(0);
  expect(concreteMembers(relay.members, corpus, 4, 's.yaml')).toEqual({
    admin: ['3'.repeat(64)],
    write: [HEX],
  });
  expect(() => concreteMembers(relay.members, corpus, 3, 's.yaml')).toThrow(InputError);
});

test('options of batched and deviations are read, and what is none is refused', () => {
  const { relay } = scenario('{ batched: { cacheTtlMs: 500, dedup: false }, deviations: [D8, D12] }');
  expect(relay).toEqual({ batched: { cacheTtlMs: 500, dedup: false }, deviations: ['D8', 'D12'] });
  for (const bad of [
    '{ deviations: [D99] }',
    '{ members: { admin: [npub1x] } }',
    '{ members: { boss: [] } }',
    '{ batched: { cacheTtl: 1 } }',
  ]) {
    expect(() => scenario(bad), bad).toThrow(InputError);
  }
});
