import type { NostrEvent } from 'nostr-tools/pure';
import { ByteTexts } from './byte-texts.js';
import { isRespelled } from './spelling.js';

/**
 * Every event that the harness loaded or publishes: numbers 0 to n - 1 are the corpus, by position; numbers
 * from n on are what is published, in order of registration.
 */
export interface KnownEvents {
  /** How many are registered. */
  readonly size: number;
  /** Number of the event with this id. */
  numberOf(id: string): number | undefined;
  /** Id of an event, always the same string object. */
  idOf(number: number): string;
  /** The event's JSON as it was loaded or published. */
  bytesOf(number: number): Buffer;
  /** The event; parsed on first use. */
  eventOf(number: number): NostrEvent;
  /** Registers an event with the JSON that is sent; an id that is known keeps its number. */
  register(event: NostrEvent, json: string): number;
  /**
   * The event whose 64 hex digits stand at `idAt` in `payload`, if its JSON, as registered or as this relay
   * wrote it before, is byte for byte what stands from `start` to `end`.
   */
  findUnaltered(payload: Buffer, idAt: number, start: number, end: number): number | undefined;
  /**
   * The event whose 64 hex digits stand at `idAt` in `payload`, if what stands from `start` to `end` has its fields in another
   * order, or with other space between them. How it is written is remembered when it comes again.
   */
  findRespelled(payload: Buffer, idAt: number, start: number, end: number): number | undefined;
  /** Remembers how a relay writes an event that it serialises anew, so that it needn't be parsed again; the first way counts. */
  rememberSpelling(number: number, payload: Buffer, start: number, end: number): void;
}

const ID_IN_LINE = /"id"\s*:\s*"([0-9a-f]{64})"/;

/** The registry over a corpus, given as its JSONL lines (trusted: verified before). */
export function createKnownEvents(lines: readonly string[]): KnownEvents {
  return new EventRegistry(lines);
}

class EventRegistry implements KnownEvents {
  readonly #ids: string[] = [];
  readonly #json = new ByteTexts();
  /** How a relay writes an event, where that differs: the first way that was seen of each, so that they are bounded. */
  readonly #spellings = new ByteTexts();
  /** Number in `#spellings` of an event. */
  readonly #spellingOf = new Map<number, number>();
  readonly #respelledOnce = new Set<number>();
  readonly #events: (NostrEvent | undefined)[] = [];
  readonly #numbers = new Map<string, number>();
  /** Open addressing by the first 32 bits of the id: finds a number without making a string. Holds number + 1. */
  #slots = new Int32Array(1024);

  constructor(lines: readonly string[]) {
    for (const line of lines) this.#append(idOfLine(line), line, undefined);
  }

  get size(): number {
    return this.#ids.length;
  }

  numberOf(id: string): number | undefined {
    return this.#numbers.get(id);
  }

  idOf(number: number): string {
    return found(this.#ids[number], number);
  }

  bytesOf(number: number): Buffer {
    return found(this.#json.at(number), number);
  }

  eventOf(number: number): NostrEvent {
    const parsed = this.#events[number];
    if (parsed) return parsed;
    const event: NostrEvent = JSON.parse(this.bytesOf(number).toString('utf8'));
    this.#events[number] = event;
    return event;
  }

  register(event: NostrEvent, json: string): number {
    return this.#numbers.get(event.id) ?? this.#append(event.id, json, event);
  }

  findUnaltered(payload: Buffer, idAt: number, start: number, end: number): number | undefined {
    const hash = leadingBits(payload, idAt);
    if (hash === undefined) return undefined;
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = (slots[slot] ?? 0) - 1;
      if (number < 0) return undefined;
      if (this.#json.isSame(number, payload, start, end)) return number;
      if (this.#isRemembered(number, payload, start, end)) return number;
    }
  }

  findRespelled(payload: Buffer, idAt: number, start: number, end: number): number | undefined {
    const hash = leadingBits(payload, idAt);
    if (hash === undefined) return undefined;
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = (slots[slot] ?? 0) - 1;
      if (number < 0) return undefined;
      const page = this.#json.pageOf(number);
      if (!page || !isRespelled(payload, start, end, page, this.#json.startOf(number))) continue;
      this.#noteRespelled(number, payload, start, end);
      return number;
    }
  }

  rememberSpelling(number: number, payload: Buffer, start: number, end: number): void {
    if (this.#spellingOf.has(number)) return;
    this.#spellingOf.set(number, this.#spellings.size);
    this.#spellings.appendBytes(payload, start, end);
  }

  /** Most events come once: a copy is worth its memory for those that come again. */
  #noteRespelled(number: number, payload: Buffer, start: number, end: number): void {
    if (this.#respelledOnce.delete(number)) this.rememberSpelling(number, payload, start, end);
    else if (!this.#spellingOf.has(number)) this.#respelledOnce.add(number);
  }

  #isRemembered(number: number, payload: Buffer, start: number, end: number): boolean {
    const spelling = this.#spellings.size > 0 ? this.#spellingOf.get(number) : undefined;
    return spelling !== undefined && this.#spellings.isSame(spelling, payload, start, end);
  }

  #append(id: string, json: string, event: NostrEvent | undefined): number {
    const number = this.#ids.length;
    this.#ids.push(id);
    this.#json.append(json);
    this.#events.push(event);
    if (!this.#numbers.has(id)) this.#numbers.set(id, number);
    if (this.#ids.length * 2 > this.#slots.length) this.#grow();
    else this.#insert(number);
    return number;
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 4);
    for (let number = 0; number < this.#ids.length; number++) this.#insert(number);
  }

  #insert(number: number): void {
    const mask = this.#slots.length - 1;
    const hash = leadingBits(Buffer.from(this.idOf(number), 'latin1'), 0) ?? 0;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = number + 1;
  }
}

function found<T>(item: T | undefined, number: number): T {
  if (item === undefined) throw new RangeError(`no known event has the number ${number}`);
  return item;
}

function idOfLine(line: string): string {
  // The first match could stand inside a tag or the content, so anything but an id at the front is parsed.
  if (line.startsWith('{"id":"')) {
    const id = ID_IN_LINE.exec(line)?.[1];
    if (id !== undefined) return id;
  }
  const event: NostrEvent = JSON.parse(line);
  return event.id;
}

/** The number that eight lowercase hex digits stand for; undefined if they aren't. */
function leadingBits(payload: Buffer, at: number): number | undefined {
  let bits = 0;
  for (let i = at; i < at + 8; i++) {
    const byte = payload[i] ?? 0;
    if (byte >= 48 && byte <= 57) bits = (bits << 4) | (byte - 48);
    else if (byte >= 97 && byte <= 102) bits = (bits << 4) | (byte - 87);
    else return undefined;
  }
  return bits;
}
