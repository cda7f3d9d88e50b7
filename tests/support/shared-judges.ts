import type { DistantNotice, Judge, JudgeReport } from '../../harness/conformance/judge.js';
import { mergeChecks } from '../../harness/conformance/merge.js';
import { OrderedJudge } from '../../harness/load/ordered-judge.js';
import { NO_PEERS } from '../../harness/load/peers.js';

interface Place {
  readonly judge: OrderedJudge;
  /** What it has yet to tell the others. */
  untold: DistantNotice[];
}

/**
 * Judges that share the connections among them, as those of several load workers do. They tell each other what they have to
 * in their own time, which the test chooses; a judge of all connections listens too, for comparison.
 */
export class SharedJudges implements Judge {
  readonly #whole: Judge;
  readonly #places: readonly Place[];
  #put: (() => void)[] = [];
  #nowNs = 0;

  /** @param tells whether a judge tells the others what it has seen so far; asked for each after every message */
  constructor(
    create: () => Judge,
    count: number,
    private readonly tells: () => boolean,
    mostWaitingBytes?: number,
  ) {
    this.#whole = create();
    this.#places = Array.from({ length: count }, (_, index) => {
      const place: Place = {
        untold: [],
        judge: new OrderedJudge({
          judge: create(),
          peers: { ...NO_PEERS, tell: (notice) => place.untold.push(notice) },
          share: { index, of: count },
          clock: () => this.#nowNs,
          later: (act) => this.#put.push(act),
          onActivity: () => {},
          mostWaitingBytes,
        }),
      };
      return place;
    });
  }

  opened(connection: number, atNs: number): void {
    this.#each(connection, atNs, (judge) => judge.opened(connection, atNs));
  }

  sent(...[connection, message, atNs]: Parameters<Judge['sent']>): void {
    this.#each(connection, atNs, (judge) => judge.sent(connection, message, atNs));
  }

  got(...[connection, message, atNs]: Parameters<Judge['got']>): void {
    this.#each(connection, atNs, (judge) => judge.got(connection, message, atNs));
  }

  closed(...[connection, by, detail, atNs]: Parameters<Judge['closed']>): void {
    this.#each(connection, atNs, (judge) => judge.closed(connection, by, detail, atNs));
  }

  readsSlowly(connection: number): void {
    this.#each(connection, this.#nowNs, (judge) => judge.readsSlowly(connection));
  }

  probed(...[connection, answered, atNs]: Parameters<Judge['probed']>): void {
    this.#each(connection, atNs, (judge) => judge.probed(connection, answered, atNs));
  }

  elsewhere(): void {
    throw new Error('all connections are here');
  }

  excerpt(...args: Parameters<Judge['excerpt']>): ReturnType<Judge['excerpt']> {
    return this.#whole.excerpt(...args);
  }

  isOwed(...args: Parameters<Judge['isOwed']>): boolean {
    return this.#whole.isOwed(...args);
  }

  openQuestions(of?: number): ReturnType<Judge['openQuestions']> {
    return this.#whole.openQuestions(of);
  }

  finish(atNs: number): JudgeReport {
    return this.#whole.finish(atNs);
  }

  /** What the judges that share the connections say together; to be asked once. */
  finishShared(atNs: number): JudgeReport {
    this.#nowNs = atNs;
    for (const index of this.#places.keys()) this.#tell(index, undefined);
    this.#work();
    const reports = this.#places.map(({ judge }) => judge.finish(atNs));
    const sum = (count: (report: JudgeReport) => number) =>
      reports.reduce((total, report) => total + count(report), 0);
    const checks = mergeChecks(reports.map(({ conformance }) => conformance.checks));
    return {
      conformance: { checked: 0, failed: 0, checks },
      lost: sum(({ lost }) => lost),
      late: sum(({ late }) => late),
      answers: {
        judged: sum(({ answers }) => answers.judged),
        equal: sum(({ answers }) => answers.equal),
        foreign: sum(({ answers }) => answers.foreign),
      },
      messages: {
        came: sum(({ messages }) => messages?.came ?? 0),
        judged: sum(({ messages }) => messages?.judged ?? 0),
      },
    };
  }

  #each(connection: number, atNs: number, tell: (judge: Judge) => void): void {
    this.#nowNs = Math.max(this.#nowNs, atNs);
    tell(this.#whole);
    const place = this.#places[connection % this.#places.length];
    if (place) tell(place.judge);
    for (const index of this.#places.keys()) if (this.tells()) this.#tell(index, this.#nowNs);
    if (this.tells()) this.#work();
  }

  #tell(from: number, untilNs: number | undefined): void {
    const teller = this.#places[from];
    if (!teller) return;
    const news = { untilNs, notices: teller.untold, dues: [] };
    teller.untold = [];
    for (const [index, { judge }] of this.#places.entries()) if (index !== from) judge.heard(from, news);
  }

  /** Lets the judges do what they put off. */
  #work(): void {
    while (this.#put.length > 0) {
      const acts = this.#put;
      this.#put = [];
      for (const act of acts) act();
    }
  }
}
