import type { KnownEvents } from '../client/known-events.js';
import { NS_PER_MS } from '../clock.js';
import {
  type AnswerVerdict,
  boundsOf,
  type FilterBounds,
  judgeAnswer,
  ownEvents,
  type ReceivedEvent,
} from './answer.js';
import {
  capped,
  duplicates,
  limitKept,
  type OrderFacts,
  storedOrder,
  storedSet,
  tieOrder,
  unlimitedOrder,
} from './checks/answer.js';
import { shortId } from './checks/check.js';
import { ephemeralServed, supersededServed } from './checks/event.js';
import type { EventHistory } from './event-history.js';
import type { Generation, Subscription } from './generation.js';
import type { Evidence, Verdicts } from './verdicts.js';

/** After this an accepted ephemeral event that is served counts as stored. */
const EPHEMERAL_GONE_NS = 2000 * NS_PER_MS;

/** How many answers could be judged, and how they were. */
export interface AnswerCounts {
  readonly judged: number;
  /** Those that held what the oracle says. */
  readonly equal: number;
  /** Those that held it, and events of others beside it. */
  readonly foreign: number;
}

/** Judges what came before EOSE. */
export class StoredAnswers {
  #judged = 0;
  #equal = 0;
  #foreign = 0;

  constructor(
    private readonly known: KnownEvents,
    private readonly history: EventHistory,
    private readonly verdicts: Verdicts,
    /** False: nothing is known of what the relay holds. */
    private readonly holdingsKnown: boolean,
  ) {}

  get counts(): AnswerCounts {
    return { judged: this.#judged, equal: this.#equal, foreign: this.#foreign };
  }

  /** An answer ended with an EOSE that is none by its form. */
  gotUnreadableEnd(generation: Generation): void {
    if (this.holdingsKnown && generation.phase === 'stored' && isCertainlyAnswerable(generation))
      this.#judged += 1;
  }

  /** The EOSE of a subscription's current generation was got. */
  judge(subscription: Subscription, atNs: number, evidence: Evidence): void {
    const generation = subscription.current;
    if (!this.holdingsKnown) {
      const { repeated } = generation;
      this.verdicts.apply(duplicates, { subscription: subscription.id, repeated }, evidence);
      generation.awaited.clear();
      return;
    }
    const isCertain = isCertainlyAnswerable(generation);
    if (!isCertain || generation.unreadable) {
      // What it held is unknown, and so is the rule that it breaks; that it is no right answer is not.
      if (isCertain) this.#judged += 1;
      this.verdicts.setAside(storedSet);
      generation.awaited.clear();
      return;
    }
    this.#judged += 1;
    if (subscription.earlier.length === 0 && this.#isExact(generation)) this.#passAll(generation);
    else this.#judgeInFull(subscription, atNs, evidence);
  }

  /** The answer is the static one, and nothing published could have changed it. */
  #isExact({ inOrder, received, repeated, request, foreign }: Generation): boolean {
    if (request.hasPublished || repeated > 0 || foreign.length > 0) return false;
    if (inOrder === undefined ? !request.isStaticAnswer(received) : inOrder !== request.single?.expected) {
      return false;
    }
    return !this.history.hasReplaced || [...received].every((number) => !this.history.wasReplaced(number));
  }

  #passAll({ request, spoilt }: Generation): void {
    if (!spoilt) this.#equal += 1;
    for (const check of [storedSet, capped, duplicates]) this.verdicts.passed(check);
    if (request.hasLimit) for (const check of [storedOrder, tieOrder, limitKept]) this.verdicts.passed(check);
    if (request.hasUnlimited) this.verdicts.passed(unlimitedOrder);
    if (this.history.hasEphemeral) this.verdicts.passed(ephemeralServed);
    if (this.history.hasSuperseded) this.verdicts.passed(supersededServed);
  }

  #judgeInFull(subscription: Subscription, atNs: number, evidence: Evidence): void {
    const generation = subscription.current;
    const received = this.#receivedBy(subscription, atNs);
    const { foreign, spoilt } = generation;
    const { bounds, verdict } = this.#compare(generation, received, atNs);
    if (!spoilt && verdict.missing.length === 0 && verdict.outside.length === 0) {
      if (foreign.length === 0) this.#equal += 1;
      else this.#foreign += 1;
    }
    const name = subscription.id;
    const idOf = (number: number) => this.known.idOf(number);
    this.verdicts.apply(storedSet, { subscription: name, verdict, idOf }, evidence);
    const came = received.length + foreign.length;
    this.verdicts.apply(capped, { subscription: name, verdict, idOf, received: came }, evidence);
    this.verdicts.apply(duplicates, { subscription: name, repeated: generation.repeated }, evidence);
    this.#judgeSequence(subscription, received, evidence);
    this.#judgeKept(subscription, received, atNs, evidence);
    keepOnlyOwed(generation, bounds, verdict);
  }

  #receivedBy({ current, earlier }: Subscription, atNs: number): readonly ReceivedEvent[] {
    return [...current.received].map((number) => ({
      number,
      createdAt: this.known.eventOf(number).created_at,
      standing: this.history.standing(number, current.sentNs, atNs),
      // What was published may also come as a live event of a REQ that this one replaced.
      settled:
        this.history.isSettled(number, current.sentNs) &&
        (earlier.length === 0 || this.history.isLoaded(number)),
      filters: current.request.matching(number),
    }));
  }

  #compare(
    { request, sentNs, foreign }: Generation,
    received: readonly ReceivedEvent[],
    atNs: number,
  ): { readonly bounds: readonly FilterBounds[]; readonly verdict: AnswerVerdict } {
    const others = request.filters.map((_, filter) =>
      foreign.filter(({ filters }) => filters.includes(filter)).map(({ createdAt }) => createdAt),
    );
    const compare = (exact: boolean) => {
      const bounds = request.filters.map((filter, index) =>
        boundsOf(filter.expectation(sentNs, atNs, exact), others[index]),
      );
      return { bounds, verdict: judgeAnswer(bounds, received, foreign) };
    };
    const quick = compare(false);
    return quick.verdict.missing.length > 0 && this.history.supersededAtLoad.size > 0 ? compare(true) : quick;
  }

  #judgeSequence(
    { id, current }: Subscription,
    received: readonly ReceivedEvent[],
    evidence: Evidence,
  ): void {
    const sequences = current.request.filters.map((_, filter) => ownEvents(received, filter));
    const limits = current.request.filters.map(({ filter }) => filter.limit);
    const factsOf = (isLimited: boolean): OrderFacts => ({
      subscription: id,
      sequences: sequences.filter((_, filter) => (limits[filter] !== undefined) === isLimited),
      idOf: (number) => this.known.idOf(number),
    });
    if (current.request.hasUnlimited) this.verdicts.apply(unlimitedOrder, factsOf(false), evidence);
    if (!current.request.hasLimit) return;
    for (const check of [storedOrder, tieOrder]) this.verdicts.apply(check, factsOf(true), evidence);
    const counts = limits.map((limit, filter) => ({ limit, received: sequences[filter]?.length ?? 0 }));
    const total = received.filter(({ standing, settled }) => standing === 'certain' && settled).length;
    this.verdicts.apply(limitKept, { subscription: id, counts, total }, evidence);
  }

  /** What a relay should no longer have: ephemeral events and superseded versions. */
  #judgeKept(
    { id, current }: Subscription,
    received: readonly ReceivedEvent[],
    atNs: number,
    evidence: Evidence,
  ): void {
    const idsOf = (events: readonly ReceivedEvent[]) =>
      events.map(({ number }) => shortId(this.known.idOf(number)));
    if (this.history.hasEphemeral) {
      const kept = received.filter(({ number }) => this.#isKeptEphemeral(number, current.sentNs));
      this.verdicts.apply(ephemeralServed, { ids: idsOf(kept) }, evidence);
    }
    if (this.history.hasSuperseded) {
      const old = received.filter((event) => {
        return (
          event.standing === 'superseded' && event.settled && this.#isWronglyServed(event, current, atNs)
        );
      });
      this.verdicts.apply(supersededServed, { ids: idsOf(old), subscription: id }, evidence);
    }
  }

  #isWronglyServed(
    { number, filters }: ReceivedEvent,
    { request, sentNs }: Generation,
    atNs: number,
  ): boolean {
    return this.history.isWronglyServed(number, sentNs, atNs, (successor) =>
      request.matching(successor).some((filter) => filters.includes(filter)),
    );
  }

  #isKeptEphemeral(number: number, sentNs: number): boolean {
    if (!this.history.isEphemeral(number)) return false;
    const publication = this.history.publication(number);
    return publication ? publication.acceptedNs + EPHEMERAL_GONE_NS < sentNs : this.history.isLoaded(number);
  }
}

/** Which REQ was answered, what its client may see and what answers it must all be certain. */
function isCertainlyAnswerable({ ambiguous, admitted, request }: Generation): boolean {
  return !ambiguous && admitted && request.isAnswerable;
}

/** In-flight events are owed, stored or live, unless a limit or cap could have left them out. */
function keepOnlyOwed(
  { awaited }: Generation,
  bounds: readonly FilterBounds[],
  { capped }: AnswerVerdict,
): void {
  if (awaited.size === 0) return;
  const sure = new Set(
    bounds.flatMap(({ surelyWithinLimit }) => surelyWithinLimit.map(({ number }) => number)),
  );
  for (const number of awaited.keys()) if (capped || !sure.has(number)) awaited.delete(number);
}
