/**
 * Which answers may still come for a subscription id, by the reading that is kindest to the relay: an EOSE
 * answers any REQ that has no answer yet; a CLOSED ends one that was answered already, if there is one, since
 * that leaves more room for what comes next.
 */
export class AnswerTally {
  #requests = 0;
  #unanswered = 0;
  #answered = 0;

  /** REQs that were sent with this id. */
  get requests(): number {
    return this.#requests;
  }
  /** REQs that may still get their EOSE. */
  get unanswered(): number {
    return this.#unanswered;
  }
  /** REQs for which no CLOSED was got. */
  get notClosed(): number {
    return this.#unanswered + this.#answered;
  }

  requested(): void {
    this.#requests += 1;
    this.#unanswered += 1;
  }

  /** @returns how many REQs could have sent this EOSE, before it is counted. */
  eose(): number {
    const before = this.#unanswered;
    if (before > 0) {
      this.#unanswered -= 1;
      this.#answered += 1;
    }
    return before;
  }

  /** @returns how many REQs could have sent this CLOSED, before it is counted. */
  closed(): number {
    const before = this.notClosed;
    if (this.#answered > 0) this.#answered -= 1;
    else if (this.#unanswered > 0) this.#unanswered -= 1;
    return before;
  }
}
