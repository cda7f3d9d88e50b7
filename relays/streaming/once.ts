/**
 * Sees that an event that comes both stored and live goes out once for a filter, where sources have no sequence that divides
 * the two: while stored events come, whichever is first counts. Afterwards only events matter that are being saved
 * just then: the source may have had them, and they are still to be broadcast.
 */
export class Once {
  readonly #beingSaved: ReadonlySet<string>;
  #sent: Set<string> | undefined = new Set();
  #isStoredOver = false;

  /** @param beingSaved ids of events that were handed to a store and aren't broadcast yet. */
  constructor(beingSaved: ReadonlySet<string>) {
    this.#beingSaved = beingSaved;
  }

  /** @returns false if the event has gone out already. */
  isFirst(id: string): boolean {
    if (this.#sent === undefined) return true;
    if (this.#sent.has(id)) return false;
    if (!this.#isStoredOver) this.#sent.add(id);
    return true;
  }

  /** No more stored events come. */
  endStored(): void {
    this.#isStoredOver = true;
    const inFlight = [...this.#beingSaved].filter((id) => this.#sent?.has(id));
    this.#sent = inFlight.length === 0 ? undefined : new Set(inFlight);
  }
}
