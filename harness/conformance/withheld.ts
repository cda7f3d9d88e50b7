import type { NostrEvent } from 'nostr-tools/pure';
import type { EventMessage } from '../client/message.js';
import { type AudienceStanding, isPrivateEvent, keepsPrivate, standingTo } from './admission.js';
import { expiredServed, privacyKept } from './checks/withheld.js';
import type { Connection } from './connection.js';
import type { EventHistory } from './event-history.js';
import type { JudgeContext } from './judge.js';
import { isEphemeral } from './matching.js';
import type { Verdicts } from './verdicts.js';
import { WallClock } from './wall-clock.js';

const NIP40 = 40;
const UNIX_TIME = /^\d{1,15}$/;

/** Judges events that a relay has to keep back: the expired from everybody, the private from third parties. */
export class Withheld {
  readonly #private = new Set<number>();
  /** Unix time at which a known event expires, in seconds. */
  readonly #expiring = new Map<number, number>();
  readonly #clock: WallClock;
  readonly #judgesPrivate: boolean;
  readonly #judgesExpiring: boolean;
  /** Who may read everything; undefined: anybody who authenticated may be one of them. */
  readonly #admins: ReadonlySet<string> | undefined;
  #otherThanPrivate = 0;
  #otherThanExpiring = 0;

  constructor(
    private readonly context: JudgeContext,
    private readonly history: EventHistory,
    private readonly verdicts: Verdicts,
  ) {
    const { access, admins, claims, clocks, loaded } = context;
    this.#clock = new WallClock(clocks);
    this.#judgesPrivate = keepsPrivate(access);
    this.#judgesExpiring = claims.has(NIP40);
    this.#admins = admins;
    for (let number = 0; number < loaded; number++) this.note(number);
  }

  /** What is special about a known event is noted once, so that the others cost nothing. */
  note(number: number): void {
    if (!this.#judgesPrivate && !this.#judgesExpiring) return;
    const event = this.context.known.eventOf(number);
    if (this.#judgesPrivate && isPrivateEvent(event)) this.#private.add(number);
    const expiresAtS = this.#judgesExpiring ? expirationOf(event) : undefined;
    if (expiresAtS !== undefined) this.#expiring.set(number, expiresAtS);
  }

  /** @param number what the event is known as; undefined for foreign events. */
  got(connection: Connection, message: EventMessage, number: number | undefined, atNs: number): void {
    if (this.#judgesPrivate) this.#judgePrivate(connection, message, number);
    if (this.#judgesExpiring) this.#judgeExpiring(connection, message, number, atNs);
  }

  /** Counts the other events, if there was any that had to be kept back: without one nothing was judged. */
  finish(): void {
    if (this.#private.size > 0) this.verdicts.passed(privacyKept, this.#otherThanPrivate);
    if (this.#expiring.size > 0) this.verdicts.passed(expiredServed, this.#otherThanExpiring);
  }

  #judgePrivate(connection: Connection, message: EventMessage, number: number | undefined): void {
    const isPrivate = number === undefined ? isPrivateEvent(message.event()) : this.#private.has(number);
    if (!isPrivate) {
      this.#otherThanPrivate += 1;
      return;
    }
    const event = this.#eventOf(message, number);
    const client = this.#standingOf(connection, message.subscription, event);
    this.verdicts.apply(
      privacyKept,
      { id: event.id, kind: event.kind, client },
      evidenceOf(message, connection),
    );
  }

  #standingOf(connection: Connection, subscription: string, event: NostrEvent): AudienceStanding {
    const requestedNs = connection.subscription(subscription)?.current.sentNs ?? Number.NEGATIVE_INFINITY;
    return standingTo(event, connection.identities, this.#admins, requestedNs);
  }

  #judgeExpiring(
    connection: Connection,
    message: EventMessage,
    number: number | undefined,
    atNs: number,
  ): void {
    const expiresAtS = number === undefined ? expirationOf(message.event()) : this.#expiring.get(number);
    if (expiresAtS === undefined) {
      this.#otherThanExpiring += 1;
      return;
    }
    const event = this.#eventOf(message, number);
    const sentAfterNs = this.#sentAfterNs(connection, message.subscription, number);
    const facts = {
      id: event.id,
      ephemeral: isEphemeral(event),
      expiresAtS,
      sentAfterS: sentAfterNs === undefined ? undefined : this.#clock.unixSOf(sentAfterNs),
      gotAtS: this.#clock.unixSOf(atNs),
    };
    this.verdicts.apply(expiredServed, facts, evidenceOf(message, connection));
  }

  /** However long it was on its way, it was sent after the first REQ that it may answer, and after it was published. */
  #sentAfterNs(connection: Connection, id: string, number: number | undefined): number | undefined {
    const subscription = connection.subscription(id);
    if (!subscription) return undefined;
    const { current, earlier } = subscription;
    const requestedNs = Math.min(...[current, ...earlier].map(({ sentNs }) => sentNs));
    if (number === undefined || this.history.isLoaded(number)) return requestedNs;
    return Math.max(requestedNs, this.history.publication(number)?.sentNs ?? requestedNs);
  }

  #eventOf(message: EventMessage, number: number | undefined): NostrEvent {
    return number === undefined ? message.event() : this.context.known.eventOf(number);
  }
}

/** The Unix time at which an event ends (NIP-40), in seconds; undefined for one that stays. */
function expirationOf({ tags }: NostrEvent): number | undefined {
  const times = tags.flatMap(([name, value = '']) => (name === 'expiration' ? [value] : []));
  // Of several the last one to end decides, and a value that is no time may be read as none.
  return times.length > 0 && times.every((time) => UNIX_TIME.test(time))
    ? Math.max(...times.map(Number))
    : undefined;
}

function evidenceOf(
  { subscription, id }: EventMessage,
  connection: Connection,
): ReturnType<Connection['evidence']> {
  return connection.evidence({ subscription, eventId: id });
}
