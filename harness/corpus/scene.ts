import type { Draft, DraftText } from './draft.js';
import { type Random, Zipf } from './random.js';
import type { Slot } from './schedule.js';
import { CROWD_WINDOW, FOLLOW_THE_CROWD_PERCENT, RECENT_NOTES } from './specification.js';
import { HASHTAGS, RELAYS } from './vocabulary.js';

const RECENCY = new Zipf(RECENT_NOTES);
const TAG_POPULARITY = new Zipf(HASHTAGS.length);

/** A note and the thread that it belongs to (NIP-10). */
export interface Note {
  readonly position: number;
  readonly signer: number;
  /** Position and signer of the note that started the thread; the note itself for a first one. */
  readonly root: { readonly position: number; readonly signer: number };
  /** Signers that a reply to this note mentions, beside its own. */
  readonly participants: readonly number[];
}

/** What has been published up to a position, for the events that refer to it. */
export class Scene {
  readonly #people: readonly number[];
  readonly #popularity: Zipf;
  readonly #notes: Note[] = [];
  /** The notes that interactions went to, in order of time. */
  readonly #interactions: Note[] = [];

  constructor(
    readonly random: Random,
    people: readonly number[],
  ) {
    this.#people = people;
    this.#popularity = new Zipf(people.length);
  }

  get peopleCount(): number {
    return this.#people.length;
  }

  /** The person of this rank of activity. */
  person(rank: number): number {
    const signer = this.#people[rank];
    if (signer === undefined) throw new RangeError(`no person of rank ${rank}`);
    return signer;
  }

  /** A person by popularity. */
  drawPerson(): number {
    return this.person(this.drawRank());
  }

  drawRank(): number {
    return this.#popularity.draw(this.random);
  }

  addNote(note: Note): void {
    this.#notes.push(note);
  }

  /** A note to reply to, react to, repost or zap: where others went, or a recent one. Undefined before the first. */
  chooseNote(): Note | undefined {
    const crowd = Math.min(this.#interactions.length, CROWD_WINDOW);
    const chosen =
      crowd > 0 && this.random.percent(FOLLOW_THE_CROWD_PERCENT)
        ? this.#interactions.at(-1 - this.random.below(crowd))
        : this.#recentNote();
    if (chosen) this.#interactions.push(chosen);
    return chosen;
  }

  #recentNote(): Note | undefined {
    const count = Math.min(this.#notes.length, RECENT_NOTES);
    return count === 0 ? undefined : this.#notes.at(-1 - RECENCY.draw(this.random, count));
  }

  /** Up to `count` distinct hashtags by popularity. */
  drawHashtags(count: number): readonly string[] {
    const drawn = Array.from({ length: count }, () => HASHTAGS[TAG_POPULARITY.draw(this.random)] ?? '');
    return [...new Set(drawn)];
  }

  relay(): string {
    return this.random.pick(RELAYS);
  }
}

/** Writes what stands in a slot. */
export type Writer = (scene: Scene, slot: Slot, position: number) => Pick<Draft, 'tags' | 'content'>;

export const keyTag = (signer: number): readonly DraftText[] => ['p', { keyOf: signer }];
