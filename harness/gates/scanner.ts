/** A rule or a metric that isn't written as the grammar has it. The caller knows the place in the file. */
export class GateSyntaxError extends Error {
  override readonly name = 'GateSyntaxError';
  constructor(
    message: string,
    /** Where in the text, from 0. */
    readonly offset: number,
    /** What to write instead. */
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** Reads a text from left to right. */
export class Scanner {
  #offset = 0;
  constructor(readonly text: string) {}

  get offset(): number {
    return this.#offset;
  }

  get atEnd(): boolean {
    return this.#offset >= this.text.length;
  }

  /** The rest, for an error; at most 20 characters. */
  get rest(): string {
    const rest = this.text.slice(this.#offset, this.#offset + 20);
    return rest === '' ? 'the end' : `"${rest}"`;
  }

  skipSpaces(): void {
    this.take(/\s*/y);
  }

  /** What `pattern` (sticky) matches here, and moves behind it; undefined when it doesn't match. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#offset;
    const match = pattern.exec(this.text)?.[0];
    this.#offset += match?.length ?? 0;
    return match;
  }

  fail(message: string, hint?: string): never {
    throw new GateSyntaxError(message, this.#offset, hint);
  }
}
