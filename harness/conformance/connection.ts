import type { KnownEvents } from '../client/known-events.js';
import type { Generation, Subscription } from './generation.js';
import { OtherMessages } from './other-messages.js';
import type { RequestState } from './requests.js';
import type { Evidence } from './verdicts.js';
import { type Subject, WireLog } from './wire-log.js';

/** The OKs that are owed for one id. */
export interface Acknowledgement {
  readonly id: string;
  /** Number in `KnownEvents`; undefined for AUTH. */
  readonly number: number | undefined;
  /** Whose AUTH it is; undefined for EVENT. */
  readonly identity: string | undefined;
  sent: number;
  got: number;
  /** When it was sent last. */
  sentNs: number;
}

/** The answers that are owed for one id of COUNTs. */
export interface CountedId {
  readonly id: string;
  asked: number;
  answered: number;
  /** Of the COUNT that was sent last. */
  sentNs: number;
  request: RequestState;
  /** Its client was certainly allowed to read when it sent the COUNT. */
  admitted: boolean;
}

/** What the judge knows of one connection. */
export class Connection {
  readonly subscriptions = new Map<string, Subscription>();
  readonly acknowledgements = new Map<string, Acknowledgement>();
  readonly counts = new Map<string, CountedId>();
  /** Generations that ended while events were overdue. */
  readonly overdue = new Set<Generation>();
  readonly log: WireLog;
  readonly others = new OtherMessages();
  /** An AUTH challenge was got. */
  challenged = false;
  /** The client reads slowly on purpose, or has. */
  readsSlowly = false;
  /** Public keys for which AUTH was sent, with got(OK true); Infinity before. */
  readonly identities = new Map<string, number>();
  lastGotNs: number;
  /** Whether a fresh REQ was answered after the load; undefined until somebody tried. */
  freshReqAnswered: boolean | undefined;
  #last: Subscription | undefined;

  constructor(
    readonly number: number,
    openedNs: number,
    known: KnownEvents,
  ) {
    this.log = new WireLog(openedNs, known);
    this.lastGotNs = openedNs;
  }

  /** Whether the OK true of any AUTH was got before `atNs`. */
  hasAuthenticatedBefore(atNs: number): boolean {
    for (const authenticatedNs of this.identities.values()) if (authenticatedNs < atNs) return true;
    return false;
  }

  add(subscription: Subscription): void {
    this.subscriptions.set(subscription.id, subscription);
    this.#last = subscription;
  }

  forget(id: string): void {
    this.subscriptions.delete(id);
    this.counts.delete(id);
    this.#last = undefined;
  }

  /** Messages of one subscription come in runs, so the last one is tried first. */
  subscription(id: string): Subscription | undefined {
    if (this.#last?.id === id) return this.#last;
    this.#last = this.subscriptions.get(id);
    return this.#last;
  }

  evidence(subject: Subject): Evidence {
    return { connection: this.number, excerpt: () => this.log.excerpt(subject) };
  }

  /** REQs that an answer is owed to. */
  unanswered(): readonly Subscription[] {
    return [...this.subscriptions.values()].filter(({ isUnanswered }) => isUnanswered);
  }

  /** COUNTs that an answer is owed to, where the relay serves them. */
  uncounted(): readonly CountedId[] {
    return [...this.counts.values()].filter(({ asked, answered }) => answered < asked);
  }

  /** EVENTs and AUTHs that an OK is owed to. */
  unacknowledged(): readonly Acknowledgement[] {
    return [...this.acknowledgements.values()].filter(({ sent, got }) => got < sent);
  }
}
