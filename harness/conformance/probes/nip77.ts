/** Negentropy: a client and the relay find out what each of them lacks. */
import type { Filter } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import { quoted } from '../checks/check.js';
import type { Client } from './client.js';
import { expectEvents, reactionTo } from './expectations.js';
import { Broken, NotArranged, section } from './probe.js';
import { demand, type Scene } from './scene.js';

const SESSION = 'sync';
/** More than any exchange about a few events takes. */
const MOST_TURNS = 20;
/** From 32 items on a client sends fingerprints of ranges, not ids. */
const MANY = 40;

/** What a client that holds some events learns from a relay that holds others. */
interface Difference {
  /** Ids that the client has and the relay lacks. */
  readonly have: ReadonlySet<string>;
  /** Ids that the relay has and the client lacks. */
  readonly need: ReadonlySet<string>;
}

async function reconcile(client: Client, filter: Filter, held: readonly NostrEvent[]): Promise<Difference> {
  // The package has no narrower door to it, and nothing else needs it.
  const { nip77 } = await import('nostr-tools');
  const storage = new nip77.NegentropyStorageVector();
  for (const { created_at, id } of held) storage.insert(created_at, id);
  storage.seal();
  const negentropy = new nip77.Negentropy(storage);
  const [have, need] = [new Set<string>(), new Set<string>()];
  let since = client.messages.length;
  client.send('NEG-OPEN', SESSION, filter, negentropy.initiate());
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const message = await answer(client, since);
    since = client.messages.length;
    const next = readBy(() =>
      negentropy.reconcile(
        message,
        (id) => have.add(id),
        (id) => need.add(id),
      ),
    );
    if (next === null) {
      client.send('NEG-CLOSE', SESSION);
      return { have, need };
    }
    client.send('NEG-MSG', SESSION, next);
  }
  throw new Broken(`after ${MOST_TURNS} turns the two sets have not met`);
}

/** The hexadecimal text of the relay's next NEG-MSG. */
async function answer(client: Client, since: number): Promise<string> {
  const isAnswer = ([label, id]: readonly unknown[]) =>
    (label === 'NEG-MSG' || label === 'NEG-ERR') && id === SESSION;
  const got = await client.expect(isAnswer, { since });
  if (!got) client.unanswered('neither NEG-MSG nor NEG-ERR came');
  const text = String(got[2] ?? '');
  if (got[0] === 'NEG-ERR') throw new NotArranged(`the relay refused the session: ${quoted(text)}`);
  return text;
}

function readBy(read: () => string | null): string | null {
  try {
    return read();
  } catch (error) {
    throw new Broken(`a NEG-MSG can not be read: ${error instanceof Error ? error.message : 'unknown'}`);
  }
}

/** The relay holds all but the last of `events`, the client all but the first. */
async function expectToMeet(scene: Scene, events: readonly NostrEvent[]): Promise<void> {
  const client = await scene.connect();
  await client.storeAll(events.slice(0, -1));
  const { have, need } = await reconcile(client, scene.only(), events.slice(1));
  const named = (ids: ReadonlySet<string>) => events.filter(({ id }) => ids.has(id));
  expectEvents(named(need), events.slice(0, 1), 'what the client lacks');
  expectEvents(named(have), events.slice(-1), 'what the relay lacks');
  demand(have.size === 1 && need.size === 1, 'ids came that neither side has');
}

export const negentropyProbes = section(
  'nip77',
  { reference: 'NIP-77', claim: 77, needs: ['writing'] },
  {
    converges: {
      level: 'MUST',
      title: 'Two sets meet',
      requirement: 'After NEG-OPEN and NEG-MSG the client knows which matching events either side lacks.',
      catches: ['sync-withholds'],
      run: (scene) => expectToMeet(scene, scene.events(6)),
    },
    'converges-on-many': {
      level: 'MUST',
      title: 'Two larger sets meet',
      requirement: 'The same where the client begins with fingerprints of ranges.',
      catches: ['sync-withholds'],
      run: (scene) => expectToMeet(scene, scene.events(MANY)),
    },
    'unknown-session': {
      level: 'INFO',
      title: 'A NEG-MSG of a session that was never opened',
      requirement: 'Nothing says how it is answered; noted is what the relay does, which goes on.',
      needs: [],
      catches: ['sync-silent'],
      async run(scene) {
        const client = await scene.connect();
        const since = client.messages.length;
        client.send('NEG-MSG', 'never', '6100000200');
        return reactionTo(scene, client, since);
      },
    },
    garbage: {
      level: 'SHOULD',
      title: 'A NEG-OPEN that can not be read gets NEG-ERR',
      requirement:
        'A session that can not be opened is refused by NEG-ERR with its id, and the relay goes on.',
      needs: [],
      catches: ['sync-silent'],
      async run(scene) {
        const client = await scene.connect();
        client.send('NEG-OPEN', SESSION, scene.only(), 'no hexadecimal');
        const got = await client.expect(([label, id]) => label === 'NEG-ERR' && id === SESSION);
        const lives = await client.isAlive();
        demand(got !== undefined || !client.isOpen, 'no NEG-ERR came for a message that is not hexadecimal');
        return lives ? undefined : 'the relay ended the connection';
      },
    },
  },
);
