import type { KnownEvents } from '../client/known-events.js';
import { isPrivateEvent, keepsPrivate, standingTo } from './admission.js';
import { type PrivateCountFacts, privateNotCounted } from './checks/withheld.js';
import type { Connection, CountedId } from './connection.js';
import type { JudgeContext } from './judge.js';
import { type Evidence, MAX_FAILURES, type Verdicts } from './verdicts.js';

/** What a COUNT may have counted. */
export interface Countable {
  /** Numbers of all that may have been in the store and matches. */
  readonly possible: ReadonlySet<number>;
  /** A version that was replaced, or a deleted event, matches too: a relay that counts it is off by that. */
  readonly hasSuperseded: boolean;
}

/**
 * Whether private events are counted for those whom they don't concern. A count too great says so only of a relay that counts
 * exactly, and NIP-45 lets estimates go unmarked: so the verdict waits until it is known how its other counts were.
 */
export class PrivateCounts {
  readonly #known: KnownEvents;
  readonly #isJudged: boolean;
  /** Counts above what the client may see: the first ones with their excerpts. */
  readonly #suspected: { readonly facts: Omit<PrivateCountFacts, 'exact'>; readonly evidence: Evidence }[] =
    [];
  #moreSuspected = 0;
  #exact = 0;
  #off = 0;

  constructor(
    private readonly context: JudgeContext,
    private readonly verdicts: Verdicts,
  ) {
    this.#known = context.known;
    this.#isJudged = keepsPrivate(context.access);
  }

  /** Takes in a count of something that no private event of others matches, or that explains a count without them. */
  note(isWithinBounds: boolean): void {
    if (isWithinBounds) this.#exact += 1;
    else this.#off += 1;
  }

  /**
   * Judges one count.
   * @returns whether it says, by itself, how exactly the relay counts: true where no private event of others matches
   */
  judge(
    connection: Connection,
    { id, sentNs }: CountedId,
    { count, estimated }: { readonly count: number; readonly estimated: boolean },
    { possible, hasSuperseded }: Countable,
    evidence: Evidence,
  ): boolean {
    if (!this.#isJudged) return true;
    const others = [...possible].filter((number) => this.#isOfOthers(connection, number, sentNs));
    if (others.length === 0) return true;
    const facts = { id, count, without: possible.size - others.length, withThem: possible.size };
    if (count <= facts.without) {
      this.verdicts.apply(privateNotCounted, { ...facts, exact: false }, evidence);
    } else if (estimated || hasSuperseded) {
      this.verdicts.setAside(privateNotCounted);
    } else if (this.#suspected.length < MAX_FAILURES) {
      const excerpt = evidence.excerpt();
      this.#suspected.push({ facts, evidence: { ...evidence, excerpt: () => excerpt } });
    } else {
      this.#moreSuspected += 1;
    }
    return false;
  }

  /** The last word on counts that were too great. */
  finish(): void {
    const exact = this.#exact > 0 && this.#off === 0;
    for (const { facts, evidence } of this.#suspected) {
      this.verdicts.apply(privateNotCounted, { ...facts, exact }, evidence);
    }
    this.verdicts.setAside(privateNotCounted, this.#moreSuspected);
  }

  #isOfOthers({ identities }: Connection, number: number, sentNs: number): boolean {
    const event = this.#known.eventOf(number);
    return isPrivateEvent(event) && standingTo(event, identities, this.context.admins, sentNs) === 'out';
  }
}
