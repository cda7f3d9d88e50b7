const PAGE_BYTES = 1024 * 1024;

/**
 * Many byte strings in few large buffers, numbered from 0: what is compared with every message lies together in memory, and
 * is nothing that the garbage collector has to walk.
 */
export class ByteTexts {
  readonly #pages: Buffer[] = [];
  readonly #pageOf: number[] = [];
  readonly #startOf: number[] = [];
  readonly #endOf: number[] = [];
  /** Bytes of the last page that are taken. */
  #taken = PAGE_BYTES;

  /** How many there are. */
  get size(): number {
    return this.#endOf.length;
  }

  append(text: string): void {
    const length = Buffer.byteLength(text, 'utf8');
    this.#pageFor(length).write(text, this.#taken, 'utf8');
    this.#note(length);
  }

  /** Takes a copy of the bytes of `payload` from `start` to `end`. */
  appendBytes(payload: Buffer, start: number, end: number): void {
    payload.copy(this.#pageFor(end - start), this.#taken, start, end);
    this.#note(end - start);
  }

  /** A view; undefined where there is no such number. */
  at(number: number): Buffer | undefined {
    return this.#pages[this.#pageOf[number] ?? -1]?.subarray(this.#startOf[number], this.#endOf[number]);
  }

  /** The buffer that holds the bytes of a number; they begin at {@link startOf}. */
  pageOf(number: number): Buffer | undefined {
    return this.#pages[this.#pageOf[number] ?? -1];
  }
  startOf(number: number): number {
    return this.#startOf[number] ?? 0;
  }

  /** Whether these are the bytes of `payload` from `start` to `end`. */
  isSame(number: number, payload: Buffer, start: number, end: number): boolean {
    const from = this.#startOf[number];
    const to = this.#endOf[number];
    if (from === undefined || to === undefined || to - from !== end - start) return false;
    const page = this.#pages[this.#pageOf[number] ?? -1];
    return page !== undefined && payload.compare(page, from, to, start, end) === 0;
  }

  /** The page that so many bytes go to, from `#taken` on. */
  #pageFor(length: number): Buffer {
    const last = this.#pages.at(-1);
    if (last && this.#taken + length <= last.length) return last;
    const page = Buffer.allocUnsafeSlow(Math.max(length, PAGE_BYTES));
    this.#pages.push(page);
    this.#taken = 0;
    return page;
  }

  #note(length: number): void {
    this.#pageOf.push(this.#pages.length - 1);
    this.#startOf.push(this.#taken);
    this.#taken += length;
    this.#endOf.push(this.#taken);
  }
}
