import type { NostrEvent } from 'nostr-tools/pure';
import type { KnownEvents } from '../client/known-events.js';
import { isPrivateEvent } from './admission.js';
import type { Standing } from './answer.js';
import { DELETION_KIND, type Deletion, Deletions } from './deletions.js';
import { addressOf, isEphemeral, newestFirst } from './matching.js';
import type { Publication } from './publication.js';

export interface HistoryOptions {
  readonly known: KnownEvents;
  /** Events 0 to loaded - 1 were given to the relay before the load. */
  readonly loaded: number;
  /** Of those, the ones that it didn't accept: nothing is certain about them. */
  readonly refusedAtLoad: ReadonlySet<number>;
  /** The relay claims NIP-09: what a kind 5 event names has to go. Where it doesn't, it may. */
  readonly deletes: boolean;
  /** Private events are kept from some clients, so nobody is certain to get them. */
  readonly keepsPrivate: boolean;
  /** How long after its OK an event may still be on its way to subscriptions, in nanoseconds. */
  readonly settleNs: number;
}

/** What the harness knows of what the relay holds, at any time of the run. */
export class EventHistory {
  readonly #options: HistoryOptions;
  readonly #publications = new Map<number, Publication>();
  /** For an event the publications of newer versions of it. */
  readonly #successors = new Map<number, Publication[]>();
  readonly #versions = new Map<string, number[]>();
  readonly #deletions = new Deletions();
  readonly #supersededAtLoad = new Set<number>();
  /** Events that are ephemeral, expire or are kept from some clients: never certain. */
  readonly #uncertain = new Set<number>();
  readonly #replaced = new Set<number>();
  #hasEphemeral = false;

  constructor(options: HistoryOptions) {
    this.#options = options;
    for (let number = 0; number < options.loaded; number++) this.#noteEvent(number);
    for (const versions of this.#versions.values()) this.#noteHistory(versions);
  }

  /** Loaded events of which a newer version was loaded too. */
  get supersededAtLoad(): ReadonlySet<number> {
    return this.#supersededAtLoad;
  }

  /** Whether any event of the run is ephemeral, and whether any was superseded: only then is there a case. */
  get hasEphemeral(): boolean {
    return this.#hasEphemeral;
  }
  get hasSuperseded(): boolean {
    return this.#successors.size > 0 || (this.#options.deletes && !this.#deletions.isEmpty);
  }

  /** Whether any event got a newer version during the run, or is named by a deletion. */
  get hasReplaced(): boolean {
    return this.#replaced.size > 0 || !this.#deletions.isEmpty;
  }

  /** Whether a newer version of this event was published during the run, or its author asked for its deletion. */
  wasReplaced(number: number): boolean {
    return this.#replaced.has(number) || this.#deletionsOf(number).length > 0;
  }

  isLoaded(number: number): boolean {
    return number < this.#options.loaded;
  }

  /** Loaded, and counted as stored by the oracle: neither ephemeral nor superseded by another loaded event. */
  isStoredAtLoad(number: number): boolean {
    return this.isLoaded(number) && !this.#supersededAtLoad.has(number) && !this.isEphemeral(number);
  }

  isEphemeral(number: number): boolean {
    return this.#hasEphemeral && isEphemeral(this.#event(number));
  }

  /** An event was sent to the relay; the first time counts. */
  published(number: number, atNs: number): Publication {
    const earlier = this.#publications.get(number);
    if (earlier) {
      earlier.lastSentNs = atNs;
      return earlier;
    }
    const publication = {
      number,
      sentNs: atNs,
      lastSentNs: atNs,
      acceptedNs: Number.POSITIVE_INFINITY,
      duplicate: false,
    };
    this.#publications.set(number, publication);
    if (this.isLoaded(number)) return publication;
    this.#noteEvent(number);
    this.#notePublishedVersion(publication, atNs);
    return publication;
  }

  /** The relay answered OK true. */
  accepted(number: number, atNs: number, duplicate: boolean): void {
    const publication = this.#publications.get(number);
    if (!publication || publication.acceptedNs < Number.POSITIVE_INFINITY) return;
    publication.acceptedNs = atNs;
    publication.duplicate = duplicate;
  }

  publication(number: number): Publication | undefined {
    return this.#publications.get(number);
  }

  /** How surely an event was in the store for a REQ sent at `fromNs` whose answer ended at `toNs`. */
  standing(number: number, fromNs: number, toNs: number): Standing {
    let mayBeGone = false;
    for (const successor of this.#successors.get(number) ?? []) {
      if (this.#hasReplacedFor(number, successor, fromNs, toNs)) return 'superseded';
      if (successor.sentNs < toNs) mayBeGone = true;
    }
    for (const deletion of this.#deletionsOf(number)) {
      if (this.#hasDeletedFor(number, deletion, fromNs)) return 'superseded';
      if (this.#publicationOf(deletion.number).sentNs < toNs) mayBeGone = true;
    }
    if (mayBeGone || this.#uncertain.has(number)) return 'either';
    return this.#acceptedNs(number) < fromNs ? 'certain' : 'either';
  }

  /**
   * Whether a superseded event had no place in an answer: it was deleted, or a question that matches it was also one for
   * a newer version. Relays may keep older versions (NIP-01, Kinds), and one that is asked for by its id or its time is no
   * answer to a question for the latest; where the newer one may have been deleted, it is the latest.
   * @param isAskedForWith whether a filter matches both the event and that newer version of it
   */
  isWronglyServed(
    number: number,
    fromNs: number,
    toNs: number,
    isAskedForWith: (successor: number) => boolean,
  ): boolean {
    return (
      this.#deletionsOf(number).some((deletion) => this.#hasDeletedFor(number, deletion, fromNs)) ||
      (this.#successors.get(number) ?? []).some(
        (successor) =>
          this.#hasReplacedFor(number, successor, fromNs, toNs) &&
          !this.#mayBeDeleted(successor.number, toNs) &&
          isAskedForWith(successor.number),
      )
    );
  }

  /** Accepted so long before `atNs` that a delivery of it as a new event can't be on its way any more. */
  isSettled(number: number, atNs: number): boolean {
    const publication = this.#publications.get(number);
    if (!publication) return this.isLoaded(number);
    return publication.acceptedNs + this.#options.settleNs < atNs;
  }

  /** Whether it may be missing for a reason: replaced or deleted by what was sent before `atNs`, expired, or private. */
  wasReplacedBefore(number: number, atNs: number): boolean {
    const removers = [
      ...(this.#successors.get(number) ?? []),
      ...this.#deletionsOf(number).map((deletion) => this.#publicationOf(deletion.number)),
    ];
    if (removers.some(({ sentNs }) => sentNs < atNs)) return true;
    if (!this.#uncertain.has(number)) return false;
    const event = this.#event(number);
    return !isEphemeral(event) || this.#isKept(event);
  }

  #mayBeDeleted(number: number, toNs: number): boolean {
    return this.#deletionsOf(number).some((deletion) => this.#publicationOf(deletion.number).sentNs < toNs);
  }

  #deletionsOf(number: number): readonly Deletion[] {
    return this.#deletions.isEmpty ? [] : this.#deletions.of(this.#event(number));
  }

  /** Whether a newer version was certainly in the place of an event while a REQ was answered. */
  #hasReplacedFor(number: number, successor: Publication, fromNs: number, toNs: number): boolean {
    return successor.acceptedNs < fromNs && !this.#mayHaveComeAfter(number, successor, toNs);
  }

  /**
   * Whether a newer version may not have been in the place when the older one came: gone by then, or kept out when it
   * came by one that is newer still and has gone since. Then the older one was stored rightly.
   */
  #mayHaveComeAfter(number: number, successor: Publication, toNs: number): boolean {
    if (this.#mayHaveEndedBefore(number, successor, toNs)) return true;
    return (this.#successors.get(successor.number) ?? []).some(
      (newer) => newer.sentNs < successor.acceptedNs && this.#mayHaveEndedBefore(number, newer, toNs),
    );
  }

  /** Whether a version may itself have expired, or been deleted, before an older one came. */
  #mayHaveEndedBefore(number: number, successor: Publication, toNs: number): boolean {
    if (expires(this.#event(successor.number))) return true;
    return this.#deletionsOf(successor.number).some((deletion) => {
      const { sentNs } = this.#publicationOf(deletion.number);
      return sentNs < toNs && !this.#wasThereBefore(number, deletion.number, sentNs);
    });
  }

  /** Whether a deletion was accepted before `fromNs` by a relay that certainly had the event when it came. */
  #hasDeletedFor(number: number, deletion: Deletion, fromNs: number): boolean {
    if (!this.#options.deletes || this.#event(number).kind === DELETION_KIND) return false;
    const { sentNs, acceptedNs } = this.#publicationOf(deletion.number);
    return acceptedNs < fromNs && this.#wasThereBefore(number, deletion.number, sentNs);
  }

  /** Whether an event was accepted before another was sent, and not sent again since; of loaded ones, the lines tell. */
  #wasThereBefore(number: number, other: number, otherSentNs: number): boolean {
    const sentAgain = this.#publications.get(number);
    if (!this.isLoaded(other)) {
      return (
        this.#acceptedNs(number) < otherSentNs && (sentAgain?.lastSentNs ?? otherSentNs - 1) < otherSentNs
      );
    }
    const isInStore = this.isLoaded(number) && this.#acceptedNs(number) === Number.NEGATIVE_INFINITY;
    return isInStore && number < other && !sentAgain;
  }

  #acceptedNs(number: number): number {
    if (!this.isLoaded(number)) return this.#publications.get(number)?.acceptedNs ?? Number.POSITIVE_INFINITY;
    return this.#options.refusedAtLoad.has(number) ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  #noteEvent(number: number): void {
    const event = this.#event(number);
    const ephemeral = isEphemeral(event);
    this.#hasEphemeral ||= ephemeral;
    if (ephemeral || expires(event) || this.#isKept(event)) this.#uncertain.add(number);
    if (event.kind === DELETION_KIND) this.#deletions.note(number, event);
    const address = addressOf(event);
    if (address === undefined) return;
    const versions = this.#versions.get(address);
    if (versions) versions.push(number);
    else this.#versions.set(address, [number]);
  }

  #isKept(event: NostrEvent): boolean {
    return this.#options.keepsPrivate && isPrivateEvent(event);
  }

  /** The loaded versions of one address: the older ones have the newer ones as successors from the start. */
  #noteHistory(versions: readonly number[]): void {
    if (versions.length < 2) return;
    const ordered = [...versions].sort((a, b) => newestFirst(this.#event(a), this.#event(b)));
    const newest = ordered.findIndex((number) => !this.#options.refusedAtLoad.has(number));
    for (const [index, number] of ordered.entries()) {
      if (index === 0) continue;
      this.#supersededAtLoad.add(number);
      // One accepted successor decides; refused ones before it only make a version uncertain.
      const deciding = ordered.slice(0, index > newest && newest >= 0 ? newest + 1 : index);
      this.#successors.set(
        number,
        deciding.map((successor) => this.#publicationOf(successor)),
      );
    }
  }

  #notePublishedVersion(publication: Publication, atNs: number): void {
    const event = this.#event(publication.number);
    const address = addressOf(event);
    if (address === undefined) return;
    const others = (this.#versions.get(address) ?? []).filter((number) => number !== publication.number);
    for (const other of others) {
      if (newestFirst(event, this.#event(other)) < 0) {
        this.#addSuccessor(other, publication);
        this.#replaced.add(other);
      } else {
        this.#addSuccessor(publication.number, this.#publicationOf(other));
      }
    }
    // A version that was superseded before now can't matter to what is published later.
    const open = others.filter((number) => this.standing(number, atNs, atNs) !== 'superseded');
    this.#versions.set(address, [...open, publication.number]);
  }

  #publicationOf(number: number): Publication {
    return (
      this.#publications.get(number) ?? {
        number,
        sentNs: Number.NEGATIVE_INFINITY,
        lastSentNs: Number.NEGATIVE_INFINITY,
        acceptedNs: this.#acceptedNs(number),
        duplicate: false,
      }
    );
  }

  #addSuccessor(number: number, successor: Publication): void {
    const successors = this.#successors.get(number);
    if (successors) successors.push(successor);
    else this.#successors.set(number, [successor]);
  }

  #event(number: number): NostrEvent {
    return this.#options.known.eventOf(number);
  }
}

function expires({ tags }: NostrEvent): boolean {
  return tags.some(([name]) => name === 'expiration');
}
