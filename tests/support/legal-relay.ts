/**
 * A relay that never breaks a rule, driven by random numbers: it works on messages in any order that NIP-01
 * leaves open, streams stored events while new ones arrive, and every message takes its time in both directions.
 */
import type { Filter } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import { isPrivateEvent } from '../../harness/conformance/admission.js';
import { addressOf, isEphemeral, matches, newestFirst } from '../../harness/conformance/matching.js';
import type { Trace } from './trace.js';

type Incoming =
  | { readonly do: 'EVENT'; readonly event: NostrEvent }
  | { readonly do: 'REQ'; readonly id: string; readonly filters: readonly Filter[] }
  | { readonly do: 'CLOSE'; readonly id: string };

interface ServedSubscription {
  readonly filters: readonly Filter[];
  /** Stored events that are still to be sent; undefined once EOSE went out. */
  rest: NostrEvent[] | undefined;
}

interface Line {
  /** On their way to the relay. */
  readonly incoming: Incoming[];
  /** On their way to the client. */
  readonly outgoing: (readonly unknown[])[];
  readonly subscriptions: Map<string, ServedSubscription>;
}

export class LegalRelay {
  readonly #stored: NostrEvent[];
  /** Ids of all events that were ever accepted. */
  readonly #taken = new Set<string>();
  readonly #lines: Line[];

  constructor(
    private readonly trace: Trace,
    loaded: readonly NostrEvent[],
    connections: number,
    /** Keeps private events from everybody, since nobody has authenticated. */
    private readonly keepsPrivate = false,
  ) {
    this.#stored = [];
    for (const each of loaded) this.#store(each);
    this.#lines = Array.from({ length: connections }, () => ({
      incoming: [],
      outgoing: [],
      subscriptions: new Map(),
    }));
    for (let i = 0; i < connections; i++) trace.on(i);
  }

  publish(connection: number, event: NostrEvent): void {
    this.trace.backOn(connection).publish(event);
    this.#lines[connection]?.incoming.push({ do: 'EVENT', event });
  }

  req(connection: number, id: string, ...filters: Filter[]): void {
    this.trace.backOn(connection).req(id, ...filters);
    this.#lines[connection]?.incoming.push({ do: 'REQ', id, filters });
  }

  close(connection: number, id: string): void {
    this.trace.backOn(connection).close(id);
    this.#lines[connection]?.incoming.push({ do: 'CLOSE', id });
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
    const isDuplicate = this.#taken.has(event.id);
    const isNew = !isDuplicate && this.#store(event);
    const ok = ['OK', event.id, true, isDuplicate ? 'duplicate: have it' : ''];
    const okFirst = pick % 2 === 0;
    if (okFirst) line.outgoing.push(ok);
    if (isNew) this.#broadcast(event);
    if (!okFirst) line.outgoing.push(ok);
  }

  /** @returns whether the event is new and current. */
  #store(event: NostrEvent): boolean {
    this.#taken.add(event.id);
    if (isEphemeral(event)) return true;
    const address = addressOf(event);
    const held = this.#stored.find((each) => address !== undefined && addressOf(each) === address);
    if (held && newestFirst(held, event) < 0) return false;
    if (held) this.#stored.splice(this.#stored.indexOf(held), 1);
    this.#stored.push(event);
    return true;
  }

  #isKept(event: NostrEvent): boolean {
    return this.keepsPrivate && isPrivateEvent(event);
  }

  #broadcast(event: NostrEvent): void {
    if (this.#isKept(event)) return;
    for (const line of this.#lines) {
      for (const [id, { filters }] of line.subscriptions) {
        if (filters.some((filter) => matches(filter, event))) line.outgoing.push(['EVENT', id, event]);
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

  /** What is kept from the client is left out before the limits count, or after. */
  #serve(line: Line, id: string, filters: readonly Filter[], pick: number): void {
    const before = pick % 2 === 0;
    const newest = this.#stored.filter((event) => !before || !this.#isKept(event)).sort(newestFirst);
    const answers = filters.map((filter) =>
      newest.filter((event) => matches(filter, event)).slice(0, filter.limit ?? newest.length),
    );
    line.subscriptions.set(id, {
      filters,
      rest: [...new Set(answers.flat())].filter((event) => !this.#isKept(event)),
    });
  }
}

function isSameSubscription(a: Incoming, b: Incoming | undefined): boolean {
  return a.do !== 'EVENT' && b !== undefined && b.do !== 'EVENT' && a.id === b.id;
}
