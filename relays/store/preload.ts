import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readEvent } from '../protocol/event-form.js';
import { AUTH_KIND, kindClass } from '../protocol/kinds.js';
import type { EventStore, EventToSave } from './event-store.js';

const NEWLINE = 0x0a;

/** A preload file that can't be read, or a line of it that isn't an event. Lines count from 1. */
export class PreloadError extends Error {
  override readonly name = 'PreloadError';
  constructor(
    readonly file: string,
    readonly line: number | undefined,
    readonly reason: string,
  ) {
    super(`${line === undefined ? file : `${file}:${line}`}: ${reason}`);
  }
}

/** Events that go into the store at once. What is parsed of more would outlive its use in the heap: some 700 B an event. */
const EVENTS_A_LOAD = 1_000;

/**
 * Puts the events of a JSONL file into `store`. Their form is read, ids and signatures are taken as verified. Each is
 * kept in the bytes of its line. Ephemeral events are passed over: a relay keeps none. A store that has had the same bytes
 * before is left as it is; one that was interrupted takes up what is missing.
 * @returns how many events are now in the store that weren't before.
 * @throws {PreloadError}, {StoreError}
 */
export function preload(store: EventStore, file: string): number {
  const bytes = readBytes(file);
  const corpus = createHash('sha256').update(bytes).digest('hex');
  if (store.hasLoaded(corpus)) return 0;
  const before = store.size;
  let line = 0;
  let batch: EventToSave[] = [];
  for (const json of linesOf(bytes)) {
    line += 1;
    const toSave = json.length === 0 ? undefined : readLine(json, file, line);
    if (toSave !== undefined) batch.push(toSave);
    if (batch.length < EVENTS_A_LOAD) continue;
    store.load(batch);
    batch = [];
  }
  store.load(batch);
  store.markLoaded(corpus);
  return store.size - before;
}

function readLine(json: Buffer, file: string, line: number): EventToSave | undefined {
  const event = readEvent(parse(json, file, line), Number.POSITIVE_INFINITY);
  if (!event.ok) throw new PreloadError(file, line, event.reason.replace(/^invalid: /, ''));
  const { kind } = event.value;
  return kind === AUTH_KIND || kindClass(kind) === 'ephemeral' ? undefined : { event: event.value, json };
}

function parse(json: Buffer, file: string, line: number): unknown {
  try {
    return JSON.parse(json.toString('utf8'));
  } catch {
    throw new PreloadError(file, line, 'the line is not JSON; write one event a line');
  }
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new PreloadError(file, undefined, error instanceof Error ? error.message : 'cannot be read');
  }
}

/** The lines as views into `bytes`, without white space around them. */
function* linesOf(bytes: Buffer): Generator<Buffer> {
  let start = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    yield trimmed(bytes, start, end);
    start = end + 1;
  }
}

const SPACE = 0x20;

function trimmed(bytes: Buffer, from: number, to: number): Buffer {
  let [start, end] = [from, to];
  while (start < end && (bytes[start] ?? 0) <= SPACE) start += 1;
  while (end > start && (bytes[end - 1] ?? 0) <= SPACE) end -= 1;
  return bytes.subarray(start, end);
}
