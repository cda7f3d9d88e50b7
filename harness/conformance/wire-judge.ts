import type { EventMessage, MalformedMessage, ReceivedMessage, SentMessage } from '../client/message.js';
import { Acknowledgements } from './acknowledgements.js';
import { keepsPrivate } from './admission.js';
import { INVARIANTS } from './checks/catalogue.js';
import type { CheckDefinition } from './checks/check.js';
import { connectionEnded, oversized, unknownLabel, wellFormed } from './checks/message.js';
import { privacyKept, privateNotCounted } from './checks/withheld.js';
import { Connection } from './connection.js';
import { Counts } from './counts.js';
import { Deliveries } from './deliveries.js';
import { EventHistory } from './event-history.js';
import type { DistantNotice, Judge, JudgeContext, JudgeReport, OpenQuestion } from './judge.js';
import { conformanceOf } from './merge.js';
import { Origins } from './origins.js';
import { RequestBook } from './requests.js';
import { graceNsOf, ServedSubscriptions } from './served-subscriptions.js';
import { Verdicts } from './verdicts.js';
import { Withheld } from './withheld.js';

const NIP09 = 9;
const NIP42 = 42;
/** What is missing is named for the progress line, not listed in full. */
const MISSING_NAMED = 20;

/** The judge of one relay in one round. */
export function createJudge(context: JudgeContext): Judge {
  return new WireJudge(context);
}

class WireJudge implements Judge {
  readonly #connections = new Map<number, Connection>();
  /** Messages of one connection come in runs. */
  #latest: Connection | undefined;
  readonly #verdicts = new Verdicts();
  readonly #deliveries: Deliveries;
  readonly #subscriptions: ServedSubscriptions;
  readonly #acknowledgements: Acknowledgements;
  readonly #counts: Counts;
  readonly #origins: Origins;
  readonly #withheld: Withheld;
  /** Messages whose form was right. */
  #wellFormed = 0;
  /** Answers that came late because the client read slowly. */
  #lateOnPurpose = 0;
  #claimsAuth: boolean;

  constructor(private readonly context: JudgeContext) {
    const { known, loaded, deadlineMs, claims, access } = context;
    this.#claimsAuth = claims.has(NIP42) || access !== 'open';
    const history = new EventHistory({
      known,
      loaded,
      refusedAtLoad: context.refusedAtLoad ?? new Set(),
      deletes: claims.has(NIP09),
      keepsPrivate: keepsPrivate(access),
      settleNs: graceNsOf(context),
    });
    const requests = new RequestBook(known, history);
    this.#deliveries = new Deliveries({ known, history, requests, verdicts: this.#verdicts, deadlineMs });
    this.#subscriptions = new ServedSubscriptions(
      context,
      history,
      requests,
      this.#deliveries,
      this.#verdicts,
    );
    this.#acknowledgements = new Acknowledgements(history, this.#deliveries, this.#verdicts, deadlineMs);
    this.#counts = new Counts(context, requests, this.#verdicts);
    const onAltered = (message: EventMessage, connection: Connection): void =>
      this.#subscriptions.gotAltered(connection, message);
    this.#origins = new Origins({ ...context, onAltered }, this.#verdicts);
    this.#withheld = new Withheld(context, history, this.#verdicts);
  }

  opened(connection: number, atNs: number): void {
    this.#connections.set(connection, new Connection(connection, atNs, this.context.known));
    this.#latest = undefined;
  }

  sent(number: number, message: SentMessage, atNs: number): void {
    const connection = this.#connections.get(number);
    if (!connection) return;
    connection.log.sent(message, atNs);
    switch (message.label) {
      case 'EVENT':
        this.#published(message.known, atNs);
        this.#acknowledgements.sent(connection, message.event.id, { number: message.known }, atNs);
        break;
      case 'AUTH':
        this.#acknowledgements.sent(connection, message.event.id, { identity: message.event.pubkey }, atNs);
        break;
      case 'REQ':
        if (connection.others.hasAsked(message.subscription)) break;
        this.#subscriptions.requested(connection, message, atNs);
        break;
      case 'COUNT':
        if (connection.others.hasAsked(message.subscription)) break;
        this.#counts.asked(connection, message, atNs);
        break;
      case 'CLOSE':
        this.#subscriptions.closeSent(connection, message.subscription, atNs);
        break;
      case 'other':
        connection.others.note(message);
        if (message.id !== undefined && connection.others.hasAsked(message.id))
          this.#subscriptions.forget(connection, message.id, atNs);
        if (message.known !== undefined) this.#published(message.known, atNs);
        break;
    }
  }

  got(number: number, message: ReceivedMessage, atNs: number): void {
    if (this.#latest?.number !== number) this.#latest = this.#connections.get(number);
    const connection = this.#latest;
    if (!connection) return;
    connection.lastGotNs = atNs;
    connection.log.got(message, atNs);
    if (connection.others.mayBeAnsweredBy(message, connection)) return;
    const lateBefore = connection.readsSlowly ? this.#late() : 0;
    if (message.label === 'malformed') {
      this.#gotMalformed(connection, message, atNs);
    } else {
      this.#wellFormed += 1;
      this.#gotWellFormed(connection, message, atNs);
    }
    if (connection.readsSlowly) this.#lateOnPurpose += this.#late() - lateBefore;
  }

  elsewhere(notice: DistantNotice): void {
    switch (notice.kind) {
      case 'published':
        this.#published(notice.known, notice.atNs);
        break;
      case 'answered':
        this.#acknowledgements.answered(notice);
        break;
      case 'challenged':
        this.#claimsAuth = true;
        break;
    }
  }

  readsSlowly(number: number): void {
    const connection = this.#connections.get(number);
    if (connection) connection.readsSlowly = true;
  }

  closed(number: number, by: 'client' | 'relay', detail: string, atNs: number): void {
    const connection = this.#connections.get(number);
    if (!connection) return;
    connection.log.note(`ended by the ${by}`, atNs);
    if (by === 'relay' && connection.others.isAny) this.#verdicts.setAside(connectionEnded);
    else this.#verdicts.apply(connectionEnded, { by, detail }, connection.evidence({}));
    this.#subscriptions.ended(connection, atNs);
    this.#acknowledgements.ended(connection);
    this.#counts.ended(connection);
    this.#connections.delete(number);
    this.#latest = undefined;
  }

  excerpt(connection: number, subscription: string): ReturnType<Judge['excerpt']> {
    return this.#connections.get(connection)?.log.excerpt({ subscription }) ?? [];
  }

  isOwed(number: number, atNs: number): boolean {
    const connection = this.#connections.get(number);
    if (!connection) return false;
    return (
      this.#deliveries.overdue(connection, atNs).length > 0 ||
      this.#acknowledgements.isOverdue(connection, atNs)
    );
  }

  openQuestions(of?: number): readonly OpenQuestion[] {
    const looked = of === undefined ? [...this.#connections.values()] : [this.#connections.get(of)];
    return looked.flatMap((connection) => {
      if (!connection) return [];
      const missing = this.#missing(connection);
      if (missing.length === 0) return [];
      return [{ connection: connection.number, missing, lastGotNs: connection.lastGotNs }];
    });
  }

  probed(connection: number, answered: boolean, atNs: number): void {
    const found = this.#connections.get(connection);
    if (!found) return;
    found.freshReqAnswered = answered;
    found.log.note(`a fresh REQ was ${answered ? '' : 'not '}answered`, atNs);
  }

  finish(atNs: number): JudgeReport {
    for (const connection of this.#connections.values()) {
      this.#subscriptions.judgeMissing(connection);
      this.#acknowledgements.judgeMissing(connection);
      this.#counts.judgeMissing(connection);
      this.#deliveries.judgeMissing(connection, atNs);
    }
    this.#origins.finish();
    this.#withheld.finish();
    this.#subscriptions.finish();
    this.#counts.finish();
    for (const check of [wellFormed, unknownLabel, oversized]) this.#verdicts.passed(check, this.#wellFormed);
    const judges = [this.#subscriptions, this.#acknowledgements, this.#counts, this.#deliveries];
    const checks = INVARIANTS.map((check) => this.#verdicts.resultOf(check, this.#applies(check)));
    return {
      conformance: conformanceOf(checks, { strict: this.context.strict }),
      lost: judges.reduce((sum, { lost }) => sum + lost, 0),
      late: this.#late() - this.#lateOnPurpose,
      answers: this.#subscriptions.answers,
    };
  }

  #published(known: number, atNs: number): void {
    this.#deliveries.published(known, atNs);
    this.#origins.noteKind(known);
    this.#withheld.note(known);
  }

  #late(): number {
    return this.#subscriptions.late + this.#acknowledgements.late + this.#counts.late + this.#deliveries.late;
  }

  /** What a relay neither claims nor declares is not asked of it. */
  #applies({ id, claim }: CheckDefinition): boolean {
    const isKept = keepsPrivate(this.context.access);
    if (id === privacyKept.id) return isKept;
    if (id === privateNotCounted.id && !isKept) return false;
    if (claim === NIP42) return this.#claimsAuth;
    return claim === undefined || this.context.claims.has(claim);
  }

  #gotWellFormed(
    connection: Connection,
    message: Exclude<ReceivedMessage, MalformedMessage>,
    atNs: number,
  ): void {
    switch (message.label) {
      case 'EVENT': {
        const number = this.#origins.judge(message, connection);
        this.#withheld.got(connection, message, number, atNs);
        this.#subscriptions.gotEvent(connection, message, number, atNs);
        break;
      }
      case 'EOSE':
        this.#subscriptions.gotEose(connection, message.subscription, atNs);
        break;
      case 'CLOSED':
        this.#gotClosed(connection, message, atNs);
        break;
      case 'COUNT':
        this.#counts.got(connection, message, atNs);
        break;
      case 'OK':
        this.#acknowledgements.got(connection, message, atNs);
        break;
      case 'AUTH':
        connection.challenged = true;
        this.#claimsAuth = true;
        break;
      case 'unknown':
        this.#verdicts.apply(unknownLabel, { name: message.name }, connection.evidence({}));
        break;
      case 'oversized':
        // It may have been part of any answer, so none of those that are under way can be judged.
        for (const { current } of connection.subscriptions.values()) current.unreadable = true;
        this.#verdicts.apply(oversized, { bytes: message.bytes }, connection.evidence({}));
        break;
    }
  }

  #gotClosed(
    connection: Connection,
    { subscription, reason }: Extract<ReceivedMessage, { label: 'CLOSED' }>,
    atNs: number,
  ): void {
    if (this.#counts.gotClosed(connection, subscription, reason, atNs)) return;
    this.#subscriptions.gotClosed(connection, subscription, reason, atNs);
  }

  #gotMalformed(connection: Connection, message: MalformedMessage, atNs: number): void {
    const { problem, about } = message;
    const evidence = connection.evidence({ subscription: about?.key, eventId: about?.key });
    this.#verdicts.apply(wellFormed, { problem }, evidence);
    if (about?.label === 'OK') this.#acknowledgements.gotMalformed(connection, message);
    else if (about && this.#counts.gotMalformed(connection, about.key, atNs)) return;
    else if (about) this.#subscriptions.gotMalformed(connection, about, atNs);
  }

  #missing(connection: Connection): readonly string[] {
    const { known } = this.context;
    return [
      ...connection.unanswered().map(({ id }) => `EOSE of ${id}`),
      ...this.#counts.unanswered(connection).map(({ id }) => `COUNT of ${id}`),
      ...connection.unacknowledged().map(({ id }) => `OK of ${id}`),
      ...this.#deliveries
        .overdue(connection, Number.POSITIVE_INFINITY)
        .slice(0, MISSING_NAMED)
        .map(({ generation, number }) => `event ${known.idOf(number)} for ${generation.subscription}`),
    ].slice(0, MISSING_NAMED);
  }
}
