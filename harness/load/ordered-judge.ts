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

/** Something that the judge has yet to see. */
type Waiting = Stamped &
  (
    | { readonly got: ReceivedMessage; readonly connection: number }
    | { readonly notice: DistantNotice }
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
}

/**
 * The judge of one load worker of several. It sees what happens on the connections of its worker, and what the others
 * published, in the order of stamps, which are of one clock: so it rules as a judge of all connections would. That takes
 * waiting for the others; what can't be judged yet is kept.
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

  constructor(private readonly options: OrderedJudgeOptions) {
    this.#order = new StampOrder(options.share.of);
  }

  /** Another worker told something. */
  heard(from: number, { untilNs, notices }: PeerNews): void {
    for (const notice of notices) this.#order.put(from, { atNs: notice.atNs, notice });
    this.#order.complete(from, untilNs ?? Number.POSITIVE_INFINITY);
    this.#judgeSoon();
  }

  /** Does something when everything that has happened on the connections of this worker so far is judged. */
  inOrder(act: () => void): void {
    this.#put({ atNs: this.#lastNs, act });
  }

  /** Resolves when everything that has happened so far, anywhere, is judged. */
  caughtUp(): Promise<void> {
    return new Promise((resolve) => {
      this.#put({ atNs: this.options.clock(), act: resolve });
      this.#judgeSoon();
    });
  }

  opened(connection: number, atNs: number): void {
    this.#put({ atNs, act: () => this.options.judge.opened(connection, atNs) });
  }

  sent(connection: number, message: SentMessage, atNs: number): void {
    if (message.label === 'EVENT') {
      const { known } = message;
      this.#sentOn(connection).set(message.event.id, known);
      this.options.peers.tell({ kind: 'published', known, atNs });
    }
    this.#put({ atNs, act: () => this.options.judge.sent(connection, message, atNs) });
  }

  got(connection: number, message: ReceivedMessage, atNs: number): void {
    this.#lastGotNs.set(connection, atNs);
    if (message.label === 'OK') this.#gotOk(connection, message, atNs);
    if (message.label === 'AUTH' && !this.#hasBeenChallenged) {
      this.#hasBeenChallenged = true;
      this.options.peers.tell({ kind: 'challenged', atNs });
    }
    this.#put({ atNs, connection, got: message });
  }

  elsewhere(notice: DistantNotice): void {
    this.#put({ atNs: notice.atNs, notice });
  }

  readsSlowly(connection: number): void {
    this.inOrder(() => this.options.judge.readsSlowly(connection));
  }

  closed(connection: number, by: 'client' | 'relay', detail: string, atNs: number): void {
    this.#sent.delete(connection);
    this.#lastGotNs.delete(connection);
    this.#put({ atNs, act: () => this.options.judge.closed(connection, by, detail, atNs) });
  }

  excerpt(connection: number, subscription: string): ReturnType<Judge['excerpt']> {
    return this.options.judge.excerpt(connection, subscription);
  }

  /** By what is judged so far: what became overdue since then is taken for not owed, and is set aside if it never comes. */
  isOwedLive(connection: number, atNs: number): boolean {
    return this.options.judge.isOwedLive(connection, atNs);
  }

  openQuestions(): readonly OpenQuestion[] {
    return this.options.judge.openQuestions().map((question) => ({
      ...question,
      lastGotNs: Math.max(question.lastGotNs, this.#lastGotNs.get(question.connection) ?? 0),
    }));
  }

  probed(connection: number, answered: boolean, atNs: number): void {
    this.#put({ atNs, act: () => this.options.judge.probed(connection, answered, atNs) });
  }

  finish(atNs: number): JudgeReport {
    return this.options.judge.finish(atNs);
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

  #put(item: Waiting): void {
    this.#lastNs = Math.max(this.#lastNs, item.atNs);
    this.#order.put(this.options.share.index, item);
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
    if ('got' in item) this.options.judge.got(item.connection, item.got, item.atNs);
    else if ('notice' in item) this.options.judge.elsewhere(item.notice);
    else item.act();
  }
}

type OkMessage = Extract<ReceivedMessage, { label: 'OK' }>;
