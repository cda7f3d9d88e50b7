import type { AccessMode } from '../../../relays/relay.js';
import { parseScenario, type Scenario } from '../../scenario/loader.js';
import type { LoadName } from './mutant.js';

/** A script that gives every invariant something to judge, as short as that can be. */
interface Load {
  readonly access: AccessMode;
  readonly yaml: string;
}

/**
 * `open`: listeners that stay for a deadline, a writer with 1,200 deliveries, an author who writes two profiles, and
 * readers. `ephemeral`: what is left of ephemeral events 2 s later. `auth`: members and a stranger.
 */
const LOADS: Readonly<Record<LoadName, Load>> = {
  open: {
    access: 'open',
    yaml: `
name: self-test-open
seed: 7
corpus: { generate: { events: 600, authors: 12 } }
deadline: 1s
phases:
  - { name: listen, duration: 300ms, arrivals: { closed: { clients: 12 } }, clients: [listener] }
  - { name: author, duration: 50ms, arrivals: { closed: { clients: 1 } }, clients: [author] }
  - { name: write, duration: 300ms, arrivals: { closed: { clients: 1 } }, clients: [writer] }
  - { name: read, arrivals: { closed: { clients: 6 } }, clients: [reader] }
clients:
  listener:
    script:
      - connect
      - req: { as: live, filters: [{ kinds: [1], limit: 5 }], then: keep }
      - wait: 4200ms
  author:
    script:
      - connect
      - publish: { kind: 0, content: '{"name":"before"}' }
      - wait: 1200ms
      - publish: { kind: 0, content: '{"name":"after"}' }
      - req: { as: profile, filters: [{ kinds: [0], authors: [$me] }] }
  writer:
    script:
      - connect
      - repeat: { times: 100, do: [{ publish: { kind: 1 } }] }
  # What was written is stored for certain, and many of it in one second, by the time that the readers ask.
  reader:
    script:
      - connect
      - wait: 1800ms
      - req: { as: profiles, filters: [{ kinds: [0], authors: $authors(5) }] }
      - req: { as: timeline, filters: [{ kinds: [1, 7], limit: 200 }] }
      - req: { as: several, filters: [{ kinds: [7], limit: 20 }, { kinds: [1], authors: [$author], limit: 10 }] }
      - req: { as: unlimited, filters: [{ kinds: [7], authors: $authors(5) }] }
      - req: { as: lookup, filters: [{ ids: [$id] }] }
      - req: { as: nothing, filters: [{ ids: [$absent] }] }
      - count: { filters: [{ kinds: [7] }, { kinds: [3] }] }
      - disconnect
`,
  },
  ephemeral: {
    access: 'open',
    yaml: `
name: self-test-ephemeral
seed: 7
corpus: { generate: { events: 20, authors: 4 } }
deadline: 1s
phases: [{ name: all, arrivals: { closed: { clients: 1 } } }]
clients:
  writer:
    script:
      - connect
      - publish: { kind: 20001 }
      - wait: 3s
      - req: { as: later, filters: [{ kinds: [20001] }] }
      - disconnect
`,
  },
  auth: {
    access: 'auth-required',
    yaml: `
name: self-test-auth
seed: 7
corpus: { generate: { events: 100, authors: 10 } }
relay: { access: auth-required }
deadline: 1s
phases:
  - { name: members, arrivals: { closed: { clients: 3 } }, clients: [member] }
  - { name: strangers, arrivals: { closed: { clients: 1 } }, clients: [stranger] }
clients:
  member:
    script:
      - connect
      - auth: { within: 300ms }
      - req: { as: timeline, filters: [{ kinds: [1], limit: 20 }] }
      - req: { as: all, filters: [{ limit: 20 }] }
      - count: { as: likes, filters: [{ kinds: [7] }] }
      - count: { as: letters, filters: [{ kinds: [4] }] }
      - publish
      - disconnect
  stranger:
    script:
      - connect
      - req: { as: refused, filters: [{ kinds: [1], limit: 10 }] }
      - disconnect
`,
  },
};

export const LOAD_NAMES: readonly LoadName[] = ['open', 'ephemeral', 'auth'];

export function accessOf(load: LoadName): AccessMode {
  return LOADS[load].access;
}

export function scenarioOf(load: LoadName): Scenario {
  return parseScenario(LOADS[load].yaml, `self-test-${load}.yaml`);
}
