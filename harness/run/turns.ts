/** The turns of relays that are up at the same time and played one at a time. */
export class Turns {
  readonly #sequence: readonly { readonly relay: string; readonly turn: number }[];
  readonly #waiting = new Map<string, { readonly turn: number; readonly begin: () => void }>();
  readonly #gone = new Set<string>();
  #next = 0;
  #isTaken = false;

  /** @param orders the relays' names in the order of each turn, from turn 0 */
  constructor(orders: readonly (readonly string[])[]) {
    this.#sequence = orders.flatMap((order, turn) => order.map((relay) => ({ relay, turn })));
  }

  /** A relay is ready for a turn; `begin` is called when it comes. */
  ask(relay: string, turn: number, begin: () => void): void {
    this.#waiting.set(relay, { turn, begin });
    this.#giveNext();
  }

  /** The relay whose turn it is has had it. */
  pass(relay: string): void {
    if (!this.#isTaken || this.#sequence[this.#next]?.relay !== relay) return;
    this.#isTaken = false;
    this.#next += 1;
    this.#giveNext();
  }

  /** A relay takes no turns any more, nor does it go on with one. */
  leave(relay: string): void {
    this.#gone.add(relay);
    this.#waiting.delete(relay);
    this.pass(relay);
    this.#giveNext();
  }

  #giveNext(): void {
    if (this.#isTaken) return;
    for (;;) {
      const due = this.#sequence[this.#next];
      if (!due) return;
      if (!this.#gone.has(due.relay)) {
        const waiting = this.#waiting.get(due.relay);
        if (waiting?.turn !== due.turn) return;
        this.#waiting.delete(due.relay);
        this.#isTaken = true;
        waiting.begin();
        return;
      }
      this.#next += 1;
    }
  }
}
