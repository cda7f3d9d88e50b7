import type { ReceivedMessage, SentMessage } from '../client/message.js';
import {
  type DistantNotice,
  isDuplicate,
  type Judge,
  type JudgeReport,
  type OpenQuestion,
} from '../conformance/index.js';
import type { PeerNews, Peers } from './peers.js';
import type { Share } from './share.js';
import { type Stamped, StampOrder } from './stamp-order.js';

/** Items that are judged before sockets are served again: some 0.2 ms. */
const ITEMS_AT_ONCE = 128;

/** What may wait to be judged, roughly, in bytes: some 800,000 events that the harness knows. */
const MOST_WAITING_BYTES = 128 * 1024 * 1024;
/** What an item takes beside the text of a message. */
const ITEM_BYTES = 160;

/** Something that the judge has yet to see, or that is to be done once it has seen what came before. */
type Waiting = Stamped & { readonly bytes: number } & (
    | { readonly got: ReceivedMessage; readonly connection: number }
    | { readonly tell: (judge: Judge) => void }
    | { readonly act: () => void }
  );

export interface OrderedJudgeOptions {
  readonly judge: Judge;
  readonly peers: Peers;
  readonly share: Share;
  readonly clock: () => number;
  /** Calls back once sockets have been served. */
  readonly later: (act: () => void) => void;
  /** The judge worked, so the event loop wasn't idle. */
  readonly onActivity: () => void;
  /** Default: 128 MiB. */
  readonly mostWaitingBytes?: number | undefined;
}

/**
 * The judge of one load worker of several. It sees what happens on the connections of its worker, and what the others
 * published, in the order of stamps, which are of one clock: so it rules as a judge of all connections would. That takes
 * waiting for the others; what can't be judged yet is kept, up to a bound. Beyond that the judge gives up: it rules on what came
 * before the oldest thing that waits, as if the round had ended there, and says how much that is.
 */
export class OrderedJudge implements Judge {
  readonly #order: StampOrder<Waiting>;
  /** EVENTs that each connection has sent, by id: an OK for any other answers no publish. */
  readonly #sent = new Map<number, Map<string, number>>();
  /** When anything came on a connection, judged or not. */
  readonly #lastGotNs = new Map<number, number>();
  #lastNs = Number.NEGATIVE_INFINITY;
  #hasBeenChallenged = false;
  #isJudging = false;
  #waitingBytes = 0;
  readonly #messages = { came: 0, judged: 0 };
  #judgedNs = 0;
  /** What it said when it gave up; nothing is judged any more. */
  #lastWord: JudgeReport | undefined;

  constructor(private readonly options: OrderedJudgeOptions) {
    this.#order = new StampOrder(options.share.of);
  }

  /** Another worker told something. */
  heard(from: number, { untilNs, notices }: PeerNews): void {
    for (const notice of notices) this.#tellAt(notice.atNs, (judge) => judge.elsewhere(notice), from);
    this.#order.complete(from, untilNs ?? Number.POSITIVE_INFINITY);
    this.#judgeSoon();
  }

  /** Does something when everything that has happened on the connections of this worker so far is judged. */
  inOrder(act: () => void): void {
    this.#actAt(this.#lastNs, act);
  }

  /** Resolves when everything that has happened so far, anywhere, is judged. */
  caughtUp(): Promise<void> {
    return new Promise((resolve) => {
      this.#actAt(this.options.clock(), resolve);
      this.#judgeSoon();
    });
  }

  opened(connection: number, atNs: number): void {
    this.#tellAt(atNs, (judge) => judge.opened(connection, atNs));
  }

  sent(connection: number, message: SentMessage, atNs: number): void {
    if (message.label === 'EVENT') {
      const { known } = message;
      this.#sentOn(connection).set(message.event.id, known);
      this.options.peers.tell({ kind: 'published', known, atNs });
    }
    if (message.label === 'other' && message.known !== undefined) {
      this.options.peers.tell({ kind: 'published', known: message.known, atNs });
    }
    this.#tellAt(atNs, (judge) => judge.sent(connection, message, atNs));
  }

  /** @param textBytes size of the message as it came */
  got(connection: number, message: ReceivedMessage, atNs: number, textBytes = 0): void {
    this.#messages.came += 1;
    this.#lastGotNs.set(connection, atNs);
    if (message.label === 'OK') this.#gotOk(connection, message, atNs);
    if (message.label === 'AUTH' && !this.#hasBeenChallenged) {
      this.#hasBeenChallenged = true;
      this.options.peers.tell({ kind: 'challenged', atNs });
    }
    const isKnown = message.label === 'EVENT' && message.known !== undefined;
    const held = isKnown ? message.subscription.length : textBytes;
    this.#put({ atNs, bytes: ITEM_BYTES + held, connection, got: message });
  }

  elsewhere(notice: DistantNotice): void {
    this.#tellAt(notice.atNs, (judge) => judge.elsewhere(notice));
  }

  readsSlowly(connection: number): void {
    this.#tellAt(this.#lastNs, (judge) => judge.readsSlowly(connection));
  }

  closed(connection: number, by: 'client' | 'relay', detail: string, atNs: number): void {
    this.#sent.delete(connection);
    this.#lastGotNs.delete(connection);
    this.#tellAt(atNs, (judge) => judge.closed(connection, by, detail, atNs));
  }

  excerpt(connection: number, subscription: string): ReturnType<Judge['excerpt']> {
    return this.options.judge.excerpt(connection, subscription);
  }

  /** By what is judged so far: what became overdue since then is taken for not owed, and is set aside if it never comes. */
  isOwed(connection: number, atNs: number): boolean {
    return this.#lastWord === undefined && this.options.judge.isOwed(connection, atNs);
  }

  openQuestions(of?: number): readonly OpenQuestion[] {
    if (this.#lastWord) return [];
    return this.options.judge.openQuestions(of).map((question) => ({
      ...question,
      lastGotNs: Math.max(question.lastGotNs, this.#lastGotNs.get(question.connection) ?? 0),
    }));
  }

  probed(connection: number, answered: boolean, atNs: number): void {
    this.#tellAt(atNs, (judge) => judge.probed(connection, answered, atNs));
  }

  finish(atNs: number): JudgeReport {
    return { ...(this.#lastWord ?? this.options.judge.finish(atNs)), messages: { ...this.#messages } };
  }

  #gotOk(connection: number, { id, accepted, reason }: OkMessage, atNs: number): void {
    const known = this.#sent.get(connection)?.get(id);
    if (known === undefined) return;
    this.options.peers.tell({ kind: 'answered', known, accepted, duplicate: isDuplicate(reason), atNs });
  }

  #sentOn(connection: number): Map<string, number> {
    const found = this.#sent.get(connection);
    if (found) return found;
    const sent = new Map<string, number>();
    this.#sent.set(connection, sent);
    return sent;
  }

  #tellAt(atNs: number, tell: (judge: Judge) => void, place?: number): void {
    this.#put({ atNs, bytes: ITEM_BYTES, tell }, place);
  }

  #actAt(atNs: number, act: () => void): void {
    if (this.#lastWord) act();
    else this.#put({ atNs, bytes: ITEM_BYTES, act });
  }

  #put(item: Waiting, place = this.options.share.index): void {
    if (this.#lastWord) return;
    if (place === this.options.share.index) this.#lastNs = Math.max(this.#lastNs, item.atNs);
    this.#order.put(place, item);
    this.#waitingBytes += item.bytes;
    if (this.#waitingBytes > (this.options.mostWaitingBytes ?? MOST_WAITING_BYTES)) this.#giveUp();
  }

  #giveUp(): void {
    const left = this.#order.takeAll();
    this.#lastWord = this.options.judge.finish(this.#judgedNs);
    for (const item of left) if ('act' in item) item.act();
  }

  #judgeSoon(): void {
    if (this.#isJudging) return;
    this.#isJudging = true;
    this.options.later(() => this.#judgeSome());
  }

  #judgeSome(): void {
    this.options.onActivity();
    // Everything that was stamped here before now has been put in: stamps are taken where they are told.
    this.#order.complete(this.options.share.index, this.options.clock());
    this.#isJudging = false;
    for (let done = 0; done < ITEMS_AT_ONCE; done += 1) {
      const item = this.#order.take();
      if (!item) return;
      this.#judge(item);
    }
    this.#judgeSoon();
  }

  #judge(item: Waiting): void {
    this.#waitingBytes -= item.bytes;
    this.#judgedNs = item.atNs;
    if ('got' in item) {
      this.#messages.judged += 1;
      this.options.judge.got(item.connection, item.got, item.atNs);
    } else if ('tell' in item) item.tell(this.options.judge);
    else item.act();
  }
}

type OkMessage = Extract<ReceivedMessage, { label: 'OK' }>;
