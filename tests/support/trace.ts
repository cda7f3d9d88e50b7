/**
 * A small language for wire traces, so that tests of the judge read like the conversation that they are about.
 * Messages go through the real frame reader. Time stands still unless `after` moves it.
 */
import { createHash } from 'node:crypto';
import type { Filter } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import { createFrameReader } from '../../harness/client/frame.js';
import { createKnownEvents, type KnownEvents } from '../../harness/client/known-events.js';
import type { JudgedRequest } from '../../harness/client/message.js';
import { readSentText } from '../../harness/client/sent-text.js';
import { NS_PER_MS } from '../../harness/clock.js';
import type { Judge, JudgeReport } from '../../harness/conformance/judge.js';
import { createOracle, type Oracle } from '../../harness/conformance/oracle.js';
import type { Clocks } from '../../harness/conformance/wall-clock.js';
import { createJudge } from '../../harness/conformance/wire-judge.js';
import type { CheckResult } from '../../harness/results.js';
import type { AccessMode } from '../../relays/relay.js';

/** A day that tests count seconds from. */
export const NOON = 1_700_000_000;
export const DEADLINE_MS = 5_000;
const STEP_NS = 1_000;

export const ALICE = 'a'.repeat(64);
export const BOB = 'b'.repeat(64);

/** An event with the right id and a signature that {@link isGenuine} accepts; `at` in seconds from noon. */
export function event(fields: {
  readonly at?: number;
  readonly kind?: number;
  readonly author?: string;
  readonly tags?: string[][];
  readonly content?: string;
}): NostrEvent {
  const { at = 0, kind = 1, author = ALICE, tags = [], content = '' } = fields;
  const unsigned = { pubkey: author, created_at: NOON + at, kind, tags, content };
  return { id: idOf(unsigned), ...unsigned, sig: 'f'.repeat(128) };
}

/** Stands in for the check of id and signature. */
export function isGenuine(candidate: NostrEvent): boolean {
  return candidate.sig === 'f'.repeat(128) && candidate.id === idOf(candidate);
}

function idOf({ pubkey, created_at, kind, tags, content }: Omit<NostrEvent, 'id' | 'sig'>): string {
  return createHash('sha256')
    .update(JSON.stringify([0, pubkey, created_at, kind, tags, content]))
    .digest('hex');
}

export interface TraceOptions {
  readonly loaded?: readonly NostrEvent[];
  readonly refusedAtLoad?: readonly NostrEvent[];
  readonly access?: AccessMode;
  readonly claims?: readonly number[];
  readonly strict?: boolean;
  /** Others write to the relay too. */
  readonly shared?: boolean;
  readonly verifications?: number;
  /** Public keys that may read everything. */
  readonly admins?: ReadonlySet<string>;
  /** Who listens, made of as many judges as it takes; default: one of them. */
  readonly listener?: (createJudge: () => Judge) => Judge;
  /** Unix time in seconds at which the trace begins; default: times of day are unknown, as in a replayed trace. */
  readonly beginsAtS?: number;
}

/** A conversation of one or more clients with a relay, as the judge sees it. */
export class Trace {
  readonly known: KnownEvents;
  readonly judge: Judge;
  readonly oracle: Oracle;
  readonly #reader;
  readonly #requests = new Map<string, JudgedRequest>();
  #nowNs = 1e9;
  #connection = 0;

  constructor({
    loaded = [],
    refusedAtLoad = [],
    access = 'open',
    claims = [],
    beginsAtS,
    listener = (create) => create(),
    ...options
  }: TraceOptions = {}) {
    this.known = createKnownEvents(loaded.map((each) => JSON.stringify(each)));
    this.oracle = createOracle(loaded);
    this.#reader = createFrameReader(this.known);
    const context = {
      known: this.known,
      loaded: loaded.length,
      refusedAtLoad: new Set(refusedAtLoad.map((each) => loaded.indexOf(each))),
      access,
      claims: new Set(claims),
      deadlineMs: DEADLINE_MS,
      verify: isGenuine,
      clocks: this.#clocks(beginsAtS),
      ...options,
    };
    this.judge = listener(() => createJudge(context));
    this.judge.opened(0, this.#nowNs);
  }

  /** What follows is about this connection; it opens when it is named first. */
  on(connection: number): this {
    this.#connection = connection;
    this.judge.opened(connection, this.#tick());
    return this;
  }

  /** What follows is about a connection that is open already. */
  backOn(connection: number): this {
    this.#connection = connection;
    return this;
  }

  req(subscription: string, ...filters: Filter[]): this {
    const request = this.#request(filters);
    this.judge.sent(this.#connection, { label: 'REQ', subscription, request }, this.#tick());
    return this;
  }

  count(subscription: string, ...filters: Filter[]): this {
    const request = this.#request(filters);
    this.judge.sent(this.#connection, { label: 'COUNT', subscription, request }, this.#tick());
    return this;
  }

  close(subscription: string): this {
    this.judge.sent(this.#connection, { label: 'CLOSE', subscription }, this.#tick());
    return this;
  }

  publish(published: NostrEvent): this {
    const known = this.known.register(published, JSON.stringify(published));
    this.judge.sent(this.#connection, { label: 'EVENT', known, event: published }, this.#tick());
    return this;
  }

  /** A text that is nothing a relay must serve. */
  says(text: string): this {
    const read = readSentText(text);
    if (read.label !== 'other') throw new TypeError(`a relay must serve ${text}`);
    this.judge.sent(this.#connection, { ...read, text }, this.#tick());
    return this;
  }

  /** EVENT and its OK true. */
  store(published: NostrEvent): this {
    return this.publish(published).gets('OK', published.id, true, '');
  }

  auth(signed: NostrEvent): this {
    this.judge.sent(this.#connection, { label: 'AUTH', event: signed }, this.#tick());
    return this;
  }

  /** The relay sends a message, given as the elements of its array. */
  gets(...message: readonly unknown[]): this {
    return this.getsRaw(JSON.stringify(message));
  }

  /** The relay sends several events for a subscription. */
  getsEvents(subscription: string, ...events: readonly NostrEvent[]): this {
    for (const each of events) this.gets('EVENT', subscription, each);
    return this;
  }

  getsRaw(payload: string | Buffer, isBinary = false): this {
    this.judge.got(this.#connection, this.#reader.read(Buffer.from(payload), isBinary), this.#tick());
    return this;
  }

  ends(by: 'client' | 'relay' = 'client'): this {
    this.judge.closed(this.#connection, by, '1006', this.#tick());
    return this;
  }

  get nowNs(): number {
    return this.#nowNs;
  }

  after(ms: number): this {
    this.#nowNs += ms * NS_PER_MS;
    return this;
  }

  /** The load is over: silence, then a fresh REQ that is answered, or not. */
  thenFreshReq(answered: boolean): this {
    this.after(2 * DEADLINE_MS);
    this.judge.probed(this.#connection, answered, this.#tick());
    return this;
  }

  finish(): Outcome {
    return new Outcome(this.judge.finish(this.#tick()));
  }

  /** Without a beginning, the clock of another run: all stamps are from before it. */
  #clocks(beginsAtS: number | undefined): Clocks {
    if (beginsAtS === undefined) return { nowNs: () => Number.POSITIVE_INFINITY, unixMs: () => 0 };
    const beganNs = this.#nowNs;
    return { nowNs: () => this.#nowNs, unixMs: () => beginsAtS * 1e3 + (this.#nowNs - beganNs) / NS_PER_MS };
  }

  #tick(): number {
    this.#nowNs += STEP_NS;
    return this.#nowNs;
  }

  /** One object for each distinct request, as in a workload. */
  #request(filters: readonly Filter[]): JudgedRequest {
    const filtersJson = filters.map((filter) => JSON.stringify(filter)).join(',');
    const found = this.#requests.get(filtersJson);
    if (found) return found;
    const answers = filters.map((filter) => this.oracle.answer(filter));
    const request = { filters, filtersJson, answers };
    this.#requests.set(filtersJson, request);
    return request;
  }
}

/** What the judge said, in the words of tests. */
export class Outcome {
  constructor(readonly report: JudgeReport) {}

  /** Ids of the checks that failed. */
  get failed(): readonly string[] {
    return this.report.conformance.checks.filter(({ result }) => result === 'failed').map(({ id }) => id);
  }

  /** Ids of the traits that were shown. */
  get shown(): readonly string[] {
    return this.report.conformance.checks
      .filter(({ level, failedCases }) => level === 'INFO' && failedCases > 0)
      .map(({ id }) => id);
  }

  check(id: string): CheckResult {
    const found = this.report.conformance.checks.find((check) => check.id === id);
    if (!found) throw new Error(`no check ${id}`);
    return found;
  }
}
