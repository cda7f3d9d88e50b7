import type { Filter } from '../../protocol/filter.js';
import type { EventStore, StoredEvent } from '../../store/event-store.js';
import type { Mode, ModeContext } from './mode.js';

const FOLLOW_LIST_KIND = 3;
const DELETION_KIND = 5;
/** Stored events that a scan looks at in one pull. */
const EXAMINED_A_PULL = 256;

/** Whom the admins' follow lists (NIP-02) name may write; everybody else reads. */
export function follows(context: ModeContext): Mode {
  const followed = new FollowedByAdmins(context);
  return {
    stranger: 'read',
    isPrivate: true,
    levelOf: (pubkey) => (followed.has(pubkey) ? 'write' : 'read'),
  };
}

class FollowedByAdmins {
  readonly #admins: ReadonlySet<string>;
  readonly #store: EventStore;
  /** Undefined until somebody asks, and again when an admin has changed a list. */
  #pubkeys: ReadonlySet<string> | undefined;

  constructor({ admins, store, live }: ModeContext) {
    this.#admins = admins;
    this.#store = store;
    const filter = written(admins, [FOLLOW_LIST_KIND, DELETION_KIND]);
    const deliver = (): void => {
      this.#pubkeys = undefined;
    };
    live.add({ filter, afterSequence: 0, deliver });
  }

  has(pubkey: string): boolean {
    this.#pubkeys ??= this.#read();
    return this.#pubkeys.has(pubkey);
  }

  /** From the store, which knows which list is the newest, whether it was published or preloaded. */
  #read(): ReadonlySet<string> {
    const lists: StoredEvent[] = [];
    const options = { limit: this.#admins.size, upToSequence: this.#store.sequence };
    const scan = this.#store.scan(written(this.#admins, [FOLLOW_LIST_KIND]), options);
    while (scan.pull(lists, EXAMINED_A_PULL));
    return new Set(lists.flatMap(({ indexedTags }) => valuesOf(indexedTags, 'p')));
  }
}

function written(authors: ReadonlySet<string>, kinds: readonly number[]): Filter {
  return {
    ids: undefined,
    authors,
    kinds: new Set(kinds),
    tags: [],
    since: undefined,
    until: undefined,
    limit: undefined,
  };
}

function valuesOf(indexedTags: readonly string[], name: string): readonly string[] {
  return indexedTags.filter((_value, index) => index % 2 === 1 && indexedTags[index - 1] === name);
}
