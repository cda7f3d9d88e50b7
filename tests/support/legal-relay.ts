/**
 * A relay that never breaks a rule, driven by random numbers: it works on messages in any order that NIP-01
 * leaves open, streams stored events while new ones arrive, and every message takes its time in both directions.
 */
import type { Filter } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import { audienceOf, isPrivateEvent } from '../../harness/conformance/admission.js';
import { DELETION_KIND, Deletions } from '../../harness/conformance/deletions.js';
import { addressOf, isEphemeral, matches, newestFirst } from '../../harness/conformance/matching.js';
import { event, type Trace } from './trace.js';

type Incoming =
  | { readonly do: 'EVENT'; readonly event: NostrEvent }
  | { readonly do: 'REQ'; readonly id: string; readonly filters: readonly Filter[] }
  | { readonly do: 'CLOSE'; readonly id: string }
  | { readonly do: 'AUTH'; readonly event: NostrEvent };

/** What a relay may do or leave, each of it within the rules. */
export interface LegalTraits {
  /** Keeps private events from those whom they don't concern. */
  readonly keepsPrivate: boolean;
  /** Honours deletion requests, as a relay must that claims NIP-09, and one that doesn't may. */
  readonly deletes: boolean;
  /** AUTH widens subscriptions that are open already (D14). */
  readonly widens: boolean;
  /** Ties are sent in any order, and cut by a limit in that. */
  readonly shufflesTies: boolean;
}

interface ServedSubscription {
  readonly filters: readonly Filter[];
  /** Who had authenticated when the REQ was worked on. */
  readonly identities: ReadonlySet<string>;
  /** Stored events that are still to be sent; undefined once EOSE went out. */
  rest: NostrEvent[] | undefined;
}

interface Line {
  /** On their way to the relay. */
  readonly incoming: Incoming[];
  /** On their way to the client. */
  readonly outgoing: (readonly unknown[])[];
  readonly subscriptions: Map<string, ServedSubscription>;
  readonly identities: Set<string>;
}

export class LegalRelay {
  readonly #stored: NostrEvent[];
  /** Ids of all events that were ever accepted. */
  readonly #taken = new Set<string>();
  readonly #deletions = new Deletions();
  readonly #lines: Line[];
  #auths = 0;

  constructor(
    private readonly trace: Trace,
    loaded: readonly NostrEvent[],
    connections: number,
    private readonly traits: LegalTraits,
  ) {
    this.#stored = [];
    for (const each of loaded) this.#store(each, 0);
    this.#lines = Array.from({ length: connections }, () => ({
      incoming: [],
      outgoing: [],
      subscriptions: new Map(),
      identities: new Set<string>(),
    }));
    for (let i = 0; i < connections; i++) trace.on(i);
  }

  publish(connection: number, event: NostrEvent): void {
    this.trace.backOn(connection).publish(event);
    this.#lines[connection]?.incoming.push({ do: 'EVENT', event });
  }

  /** Somebody whom the judge doesn't see writes to the relay. */
  writtenByOthers(event: NostrEvent, pick: number): void {
    const isNew = !this.#taken.has(event.id) && this.#store(event, pick);
    if (isNew) this.#broadcast(event);
  }

  req(connection: number, id: string, ...filters: Filter[]): void {
    this.trace.backOn(connection).req(id, ...filters);
    this.#lines[connection]?.incoming.push({ do: 'REQ', id, filters });
  }

  close(connection: number, id: string): void {
    this.trace.backOn(connection).close(id);
    this.#lines[connection]?.incoming.push({ do: 'CLOSE', id });
  }

  auth(connection: number, author: string): void {
    this.#auths += 1;
    const signed = event({ kind: 22242, author, content: String(this.#auths) });
    this.trace.backOn(connection).auth(signed);
    this.#lines[connection]?.incoming.push({ do: 'AUTH', event: signed });
  }

  /** Works on one message; `pick` chooses which, in order within one subscription id. */
  work(connection: number, pick: number): void {
    const line = this.#lines[connection];
    if (!line || line.incoming.length === 0) return;
    const chosen = line.incoming[pick % line.incoming.length];
    const at = line.incoming.findIndex((each) => each === chosen || isSameSubscription(each, chosen));
    const [message] = line.incoming.splice(at, 1);
    if (message?.do === 'EVENT') this.#accept(line, message.event, pick);
    if (message?.do === 'REQ') this.#serve(line, message.id, message.filters, pick);
    if (message?.do === 'CLOSE') this.#end(line, message.id, pick);
    if (message?.do === 'AUTH') authenticate(line, message.event, pick);
  }

  /** Sends one stored event, or EOSE, of one subscription. */
  stream(connection: number, pick: number): void {
    const line = this.#lines[connection];
    const open = [...(line?.subscriptions ?? [])].filter(([, { rest }]) => rest !== undefined);
    const [id, subscription] = open[pick % Math.max(open.length, 1)] ?? [];
    if (!line || id === undefined || !subscription?.rest) return;
    const next = subscription.rest.shift();
    line.outgoing.push(next ? ['EVENT', id, next] : ['EOSE', id]);
    if (!next) subscription.rest = undefined;
  }

  /** Ends a subscription on the relay's side. */
  drop(connection: number, pick: number): void {
    const line = this.#lines[connection];
    const ids = [...(line?.subscriptions.keys() ?? [])];
    const id = ids[pick % Math.max(ids.length, 1)];
    if (!line || id === undefined) return;
    line.subscriptions.delete(id);
    line.outgoing.push(['CLOSED', id, 'error: idle']);
  }

  /** One message reaches the client. */
  arrive(connection: number): void {
    const message = this.#lines[connection]?.outgoing.shift();
    if (message) this.trace.backOn(connection).gets(...message);
  }

  /** Everything that is under way comes to its end. */
  drain(): void {
    for (const [connection, line] of this.#lines.entries()) {
      while (line.incoming.length > 0) this.work(connection, 0);
    }
    for (const [connection, line] of this.#lines.entries()) {
      while ([...line.subscriptions.values()].some(({ rest }) => rest)) this.stream(connection, 0);
      while (line.outgoing.length > 0) this.arrive(connection);
    }
  }

  #accept(line: Line, event: NostrEvent, pick: number): void {
    if (pick % 9 === 0) {
      line.outgoing.push(['OK', event.id, false, 'rate-limited: slow down']);
      return;
    }
    // A deletion request against a deletion request has no effect (NIP-09).
    const isDeletable = this.traits.deletes && event.kind !== DELETION_KIND;
    const isDeleted = isDeletable && this.#deletions.of(event).length > 0;
    if (isDeleted && pick % 3 === 0) {
      line.outgoing.push(['OK', event.id, false, 'blocked: deleted']);
      return;
    }
    const isDuplicate = this.#taken.has(event.id);
    const isDropped = isDeleted && pick % 3 === 1;
    const isNew = !isDuplicate && !isDropped && this.#store(event, pick);
    const ok = ['OK', event.id, true, isDuplicate ? 'duplicate: have it' : ''];
    const okFirst = pick % 2 === 0;
    if (okFirst) line.outgoing.push(ok);
    if (isNew) this.#broadcast(event);
    if (!okFirst) line.outgoing.push(ok);
  }

  /** @returns whether the event is new and current. */
  #store(event: NostrEvent, pick: number): boolean {
    this.#taken.add(event.id);
    if (isEphemeral(event)) return true;
    if (event.kind === DELETION_KIND) this.#delete(event);
    const address = addressOf(event);
    const held = this.#stored.find((each) => address !== undefined && addressOf(each) === address);
    // A version that ends may have ended already.
    const isGone = held !== undefined && expires(held) && pick % 2 === 1;
    if (held && !isGone && newestFirst(held, event) < 0) return false;
    if (held) this.#stored.splice(this.#stored.indexOf(held), 1);
    this.#stored.push(event);
    return true;
  }

  #delete(deletion: NostrEvent): void {
    if (!this.traits.deletes) return;
    this.#deletions.note(0, deletion);
    for (const each of [...this.#stored]) {
      const isNamed = each.kind !== DELETION_KIND && this.#deletions.of(each).length > 0;
      if (isNamed && each.pubkey === deletion.pubkey) this.#stored.splice(this.#stored.indexOf(each), 1);
    }
  }

  /** Whom private events go to: whoever is certainly concerned, and the relay knows it by now. */
  #isKeptFrom(line: Line, subscription: Pick<ServedSubscription, 'identities'>, event: NostrEvent): boolean {
    if (!this.traits.keepsPrivate || !isPrivateEvent(event)) return false;
    const identities = this.traits.widens ? line.identities : subscription.identities;
    const { certain } = audienceOf(event);
    return ![...identities].some((pubkey) => certain.has(pubkey));
  }

  #broadcast(event: NostrEvent): void {
    for (const line of this.#lines) {
      for (const [id, subscription] of line.subscriptions) {
        if (this.#isKeptFrom(line, subscription, event)) continue;
        if (subscription.filters.some((filter) => matches(filter, event))) {
          line.outgoing.push(['EVENT', id, event]);
        }
      }
    }
  }

  /** After CLOSE the rest of an answer may come, as from a source that can't be stopped, or not. */
  #end(line: Line, id: string, pick: number): void {
    const rest = line.subscriptions.get(id)?.rest;
    line.subscriptions.delete(id);
    if (!rest || pick % 2 === 0) return;
    for (const event of rest) line.outgoing.push(['EVENT', id, event]);
    line.outgoing.push(['EOSE', id]);
  }

  /** What is kept from the client is left out before the limits count, or after; what expires is there, or not. */
  #serve(line: Line, id: string, filters: readonly Filter[], pick: number): void {
    const identities = new Set(line.identities);
    const isKept = (event: NostrEvent): boolean => this.#isKeptFrom(line, { identities }, event);
    const before = pick % 2 === 0;
    const ties = this.traits.shufflesTies ? pick % 3 : 0;
    const newest = this.#stored
      .filter((event) => !(before && isKept(event)) && !(expires(event) && pick % 5 === 0))
      .sort((a, b) => (ties === 0 ? newestFirst(a, b) : tieOrder(a, b, ties)));
    const answers = filters.map((filter) =>
      newest.filter((event) => matches(filter, event)).slice(0, filter.limit ?? newest.length),
    );
    const rest = [...new Set(answers.flat())].filter((event) => !isKept(event));
    line.subscriptions.set(id, { filters, identities, rest });
  }
}

function authenticate(line: Line, { id, pubkey }: NostrEvent, pick: number): void {
  const isAccepted = pick % 5 !== 0;
  if (isAccepted) line.identities.add(pubkey);
  line.outgoing.push(['OK', id, isAccepted, isAccepted ? '' : 'error: not now']);
}

function expires({ tags }: NostrEvent): boolean {
  return tags.some(([name]) => name === 'expiration');
}

/** Newest first, ties by some digit of their ids. */
function tieOrder(a: NostrEvent, b: NostrEvent, digit: number): number {
  if (a.created_at !== b.created_at) return b.created_at - a.created_at;
  return a.id.charCodeAt(digit) - b.id.charCodeAt(digit);
}

function isSameSubscription(a: Incoming, b: Incoming | undefined): boolean {
  return 'id' in a && b !== undefined && 'id' in b && a.id === b.id;
}
