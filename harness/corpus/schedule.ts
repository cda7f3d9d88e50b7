import { type Random, randomStream, Zipf } from './random.js';
import {
  FIRST_VERSION_PERCENT,
  HOUR_WEIGHTS,
  KIND_SHARES,
  LIST_KINDS,
  SECONDS_PER_DAY,
  WALLET_SERVICES,
  WINDOW_DAYS,
} from './specification.js';

/** When, what kind and by whom; what an event says is written later (drafts.ts). */
export interface Slot {
  /** `created_at` minus the epoch, in seconds; negative. */
  readonly offsetS: number;
  readonly kind: number;
  /** Number of the key that signs, in order of first appearance. */
  readonly signer: number;
}

export interface Schedule {
  readonly slots: readonly Slot[];
  /** Signers who are people, not wallet services or one-time keys; the most active rank first. */
  readonly people: readonly number[];
}

/** Draws the slots of a corpus in order of time; ties stay in the order in which they were drawn. */
export function drawSchedule(size: { events: number; authors: number; seed: number }): Schedule {
  const random = randomStream(size.seed, 'corpus/v1/schedule');
  const offsets = drawOffsets(random, size.events);
  const cast = new Cast(size.authors);
  const slots = offsets.map((offsetS, position): Slot => {
    // Reactions, replies and messages need something and somebody to refer to.
    const drawn = position === 0 ? 1 : random.weighted(KIND_SHARES);
    return { offsetS, ...cast.assign(random, drawn, offsetS) };
  });
  return { slots, people: cast.people() };
}

function drawOffsets(random: Random, events: number): readonly number[] {
  const hours = HOUR_WEIGHTS.map((weight, value) => ({ weight, value }));
  const offsets = Array.from({ length: events }, () => {
    const day = random.below(WINDOW_DAYS) - WINDOW_DAYS;
    return day * SECONDS_PER_DAY + random.weighted(hours) * 3600 + random.below(3600);
  });
  return offsets.sort((a, b) => a - b);
}

/** Who has appeared so far, and which lists they have published. */
class Cast {
  readonly #authors: number;
  readonly #activity: Zipf;
  readonly #signerOfRank = new Map<number, number>();
  readonly #signerOfService = new Map<number, number>();
  /** For each list kind, the time of the newest version by rank. */
  readonly #newestList = new Map<number, number[]>(LIST_KINDS.map((kind) => [kind, []]));
  #signers = 0;

  constructor(authors: number) {
    this.#authors = authors;
    this.#activity = new Zipf(authors);
  }

  assign(random: Random, kind: number, offsetS: number): { kind: number; signer: number } {
    if (kind === 1059) return { kind, signer: this.#signers++ };
    if (kind === 9735) {
      return { kind, signer: this.#signer(this.#signerOfService, random.below(WALLET_SERVICES)) };
    }
    const rank = this.#listRank(random, kind, offsetS);
    if (rank !== undefined) return { kind, signer: this.#signer(this.#signerOfRank, rank) };
    const signer = this.#signer(this.#signerOfRank, this.#activity.draw(random));
    return { kind: this.#newestList.has(kind) ? 1 : kind, signer };
  }

  people(): readonly number[] {
    return [...this.#signerOfRank].sort(([a], [b]) => a - b).map(([, signer]) => signer);
  }

  /**
   * Whose list an event of a list kind is. First lists come in order of rank, so that the active have one early.
   * Undefined when the version before is of the same second: which of the two is newer would hang on their
   * ids, and so on the epoch.
   */
  #listRank(random: Random, kind: number, offsetS: number): number | undefined {
    const newest = this.#newestList.get(kind);
    if (newest === undefined) return undefined;
    const first =
      newest.length < this.#authors && (newest.length === 0 || random.percent(FIRST_VERSION_PERCENT));
    const rank = first ? newest.length : random.below(newest.length);
    if (newest[rank] === offsetS) return undefined;
    newest[rank] = offsetS;
    return rank;
  }

  #signer(numbers: Map<number, number>, key: number): number {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, this.#signers);
    return this.#signers++;
  }
}
