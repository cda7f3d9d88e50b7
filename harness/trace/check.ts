import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { NostrEvent } from 'nostr-tools/pure';
import { createFrameReader, type FrameReader, MAX_PARSED_BYTES } from '../client/frame.js';
import { createKnownEvents, type KnownEvents } from '../client/known-events.js';
import type { JudgedRequest, ReceivedMessage } from '../client/message.js';
import { NS_PER_MS } from '../clock.js';
import { conformanceOf, createJudge, createOracle, type Judge, type Oracle } from '../conformance/index.js';
import { readLine } from '../corpus/import-line.js';
import { type FileLine, fileLines } from '../corpus/lines.js';
import { eventId, isSignatureValid } from '../corpus/signature.js';
import { InputError } from '../errors.js';
import type { CheckResult, Conformance } from '../results.js';
import { TracedConversation } from './conversation.js';
import { FRESH_SUBSCRIPTION, type TraceHeader, type TraceRecord } from './format.js';
import { readTrace, type TraceDamage } from './reader.js';

export interface CheckTraceOptions {
  /** JSONL of what the relay held at the start; default: the one that the trace names, if it is there. */
  readonly corpusFile?: string | undefined;
  /** SHOULD failures count as failed checks. */
  readonly strict: boolean;
}

export interface TraceReport {
  readonly header: TraceHeader;
  /** Messages that were judged. */
  readonly messages: number;
  /** Undefined: what the relay held is not known. */
  readonly corpusFile: string | undefined;
  readonly conformance: Conformance;
  /** Where the trace could not be read any further; everything before it was judged. */
  readonly damage: TraceDamage | undefined;
  /** Messages that the trace says it lacks; what came after them could not be judged. */
  readonly leftOut: number;
  /** The first message of which the trace kept only part; nothing from there on could be judged. */
  readonly partial: PartialMessage | undefined;
}

/** A record of a message of which only the size was kept. */
export type PartialMessage = Extract<TraceRecord, { bytes: number }>;

type JudgedRecord = Exclude<TraceRecord, { direction: 'left-out' } | { direction: 'sent'; bytes: number }>;

/** Says something about events of which nobody knows where they come from; without a corpus, that is all of them. */
const ABOUT_STRANGERS = 'nip01/event/foreign';

/**
 * Applies the invariants to a saved trace.
 * @throws {InputError} when the trace or its corpus can't be read at all
 */
export async function checkTrace(file: string, options: CheckTraceOptions): Promise<TraceReport> {
  let replay: Replay | undefined;
  let corpusFile: string | undefined;
  let damage: TraceDamage | undefined;
  let leftOut = 0;
  let partial: PartialMessage | undefined;
  for await (const line of readTrace(file)) {
    if (line.kind === 'header') {
      corpusFile = options.corpusFile ?? ownCorpus(file, line.header);
      replay = new Replay(line.header, await readCorpus(corpusFile), options.strict);
    } else if (line.kind === 'damage') {
      damage = line.damage;
    } else if (line.record.direction === 'left-out') {
      leftOut = line.record.messages;
      break;
    } else if (isPartial(line.record)) {
      partial = line.record;
      break;
    } else {
      replay?.take(line.record);
    }
  }
  if (!replay) throw new InputError([{ message: 'the trace is empty', at: { file } }]);
  const { header, messages } = replay;
  return { header, messages, corpusFile, conformance: replay.finish(), damage, leftOut, partial };
}

/** Whether a message was cut by whoever wrote the trace: longer ones of a relay are read by no run either. */
function isPartial(record: TraceRecord): record is PartialMessage {
  return 'bytes' in record && (record.direction === 'sent' || record.bytes <= MAX_PARSED_BYTES);
}

function ownCorpus(file: string, { corpus }: TraceHeader): string | undefined {
  const found = corpus === undefined ? undefined : resolve(dirname(file), corpus);
  return found !== undefined && existsSync(found) ? found : undefined;
}

/** What a relay held at the start, event by event. */
interface HeldEvents {
  readonly lines: readonly string[];
  readonly events: readonly NostrEvent[];
}

async function readCorpus(file: string | undefined): Promise<HeldEvents | undefined> {
  if (file === undefined) return undefined;
  const bytes = await readFile(file).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError([{ message: `can't read the corpus: ${reason}`, at: { file } }]);
  });
  const read = Array.from(fileLines(bytes), (fileLine) => eventOfLine(file, fileLine));
  return { lines: read.map(({ text }) => text), events: read.map(({ event }) => event) };
}

function eventOfLine(file: string, fileLine: FileLine) {
  const read = readLine(fileLine);
  if ('event' in read) return read;
  const { line, column, problem } = read;
  const hint = 'a corpus has one event a line, as it was when the trace was written';
  throw new InputError([{ message: problem, at: { file, line, column }, hint }]);
}

/** A connection of the trace, with what its last messages say about what is missing at the end. */
interface Replayed {
  readonly conversation: TracedConversation;
  lastGotMs: number;
  /** The last REQ that followed a silence of a deadline, and whether anything answered it. */
  fresh: { readonly subscription: string; readonly sentMs: number; answered: boolean } | undefined;
}

/** Gives a trace to a judge, record by record. */
class Replay {
  readonly #known: KnownEvents;
  readonly #reader: FrameReader;
  readonly #judge: Judge;
  readonly #oracle: Oracle | undefined;
  readonly #requests = new Map<string, JudgedRequest>();
  readonly #open = new Map<number, Replayed>();
  #messages = 0;
  #lastMs = 0;

  constructor(
    readonly header: TraceHeader,
    corpus: HeldEvents | undefined,
    private readonly strict: boolean,
  ) {
    this.#known = createKnownEvents(corpus?.lines ?? []);
    this.#reader = createFrameReader(this.#known);
    this.#oracle = corpus && createOracle(corpus.events);
    this.#judge = createJudge({
      known: this.#known,
      loaded: corpus?.events.length ?? 0,
      refusedAtLoad: new Set(header.notLoaded),
      holdingsKnown: corpus !== undefined,
      shared: header.shared,
      access: header.access,
      admins: header.admins && new Set(header.admins),
      claims: new Set(header.claims),
      deadlineMs: header.deadlineMs,
      verify: (event) => eventId(event) === event.id && isSignatureValid(event),
      strict,
    });
  }

  get messages(): number {
    return this.#messages;
  }

  take(record: JudgedRecord): void {
    this.#lastMs = record.atMs;
    if (record.direction !== 'end') this.#takeFrom(record);
  }

  #takeFrom(record: Extract<JudgedRecord, { connection: number }>): void {
    const { connection: number, atMs } = record;
    const atNs = atMs * NS_PER_MS;
    const connection = this.#connection(number, atMs);
    switch (record.direction) {
      case 'opened':
        break;
      case 'sent':
        this.#sent(number, connection, record, atMs);
        break;
      case 'got':
        this.#got(number, connection, this.#read(record), atMs);
        break;
      case 'broken':
        this.#got(number, connection, { label: 'malformed', problem: record.problem, text: '' }, atMs);
        break;
      case 'closed':
        this.#judge.closed(number, record.by, record.detail, atNs);
        this.#open.delete(number);
        break;
    }
  }

  finish(): Conformance {
    for (const [number, { fresh }] of this.#open) this.#noteFresh(number, fresh);
    const { conformance } = this.#judge.finish(this.#lastMs * NS_PER_MS);
    if (this.#oracle) return conformance;
    const checks = conformance.checks.map((check) =>
      check.id === ABOUT_STRANGERS ? setAside(check) : check,
    );
    return conformanceOf(checks, { strict: this.strict });
  }

  #connection(number: number, atMs: number): Replayed {
    const found = this.#open.get(number);
    if (found) return found;
    this.#judge.opened(number, atMs * NS_PER_MS);
    const conversation = new TracedConversation(this.#known, this.#oracle, this.#requests);
    const opened: Replayed = { conversation, lastGotMs: atMs, fresh: undefined };
    this.#open.set(number, opened);
    return opened;
  }

  #sent(
    number: number,
    connection: Replayed,
    record: Extract<JudgedRecord, { direction: 'sent' }>,
    atMs: number,
  ): void {
    this.#messages += 1;
    const message =
      'text' in record
        ? connection.conversation.sent(Buffer.from(record.text, 'utf8'), false)
        : connection.conversation.sent(Buffer.from(record.base64, 'base64'), record.frame === 'binary');
    if (message.label === 'REQ') {
      const isSilent = atMs - connection.lastGotMs >= this.header.deadlineMs;
      // A run's own fresh REQ is sent where there was no silence, if there is none for long.
      connection.fresh =
        isSilent || message.subscription === FRESH_SUBSCRIPTION
          ? { subscription: message.subscription, sentMs: atMs, answered: false }
          : undefined;
    } else if (message.label !== 'CLOSE' && message.label !== 'other') {
      connection.fresh = undefined;
    }
    this.#judge.sent(number, message, atMs * NS_PER_MS);
  }

  #got(number: number, connection: Replayed, message: ReceivedMessage, atMs: number): void {
    this.#messages += 1;
    connection.lastGotMs = atMs;
    const { fresh } = connection;
    if (fresh && (message.label === 'EOSE' || message.label === 'CLOSED')) {
      fresh.answered ||= message.subscription === fresh.subscription;
    }
    this.#judge.got(number, message, atMs * NS_PER_MS);
  }

  #read(record: Extract<TraceRecord, { direction: 'got' }>): ReceivedMessage {
    if ('bytes' in record) return { label: 'oversized', bytes: record.bytes };
    if ('text' in record) return this.#reader.read(Buffer.from(record.text, 'utf8'), false);
    return this.#reader.read(Buffer.from(record.base64, 'base64'), record.frame === 'binary');
  }

  /** What is missing is judged only after a silence and a fresh REQ; a trace that ends earlier can't say. */
  #noteFresh(connection: number, fresh: Replayed['fresh']): void {
    if (!fresh) return;
    const waitedMs = this.#lastMs - fresh.sentMs;
    if (fresh.answered || waitedMs >= this.header.deadlineMs) {
      this.#judge.probed(connection, fresh.answered, this.#lastMs * NS_PER_MS);
    }
  }
}

function setAside(check: CheckResult): CheckResult {
  return {
    ...check,
    result: 'not-tested',
    seen: 0,
    setAside: check.seen + check.setAside,
    failedCases: 0,
    failures: [],
  };
}
