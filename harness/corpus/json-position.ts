/** Where in a JSON text something is; offsets are UTF-16 units from its start. */
export type JsonScan =
  | {
      readonly valid: true;
      /** Offset of each member's value, by key, when the text is an object; the last one of a repeated key. */
      readonly members: ReadonlyMap<string, number>;
    }
  | { readonly valid: false; readonly offset: number; readonly expected: string };

/**
 * Finds where a JSON text (RFC 8259) stops being one, or where its members stand. `JSON.parse` says neither in a
 * form that stays the same between engines, so this runs after it, over lines that are known to be bad.
 */
export function scanJson(text: string): JsonScan {
  const scanner = new Scanner(text);
  try {
    scanner.document();
    return { valid: true, members: scanner.members };
  } catch (error) {
    if (error instanceof SyntaxProblem)
      return { valid: false, offset: error.offset, expected: error.expected };
    throw error;
  }
}

class SyntaxProblem extends Error {
  constructor(
    readonly offset: number,
    readonly expected: string,
  ) {
    super(expected);
  }
}

const DEEPEST = 500;
const SPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

class Scanner {
  readonly members = new Map<string, number>();
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#value(0);
    this.#skip(SPACE);
    if (this.#at < this.#text.length) this.#fail('the end of the line');
  }

  #value(depth: number): void {
    if (depth > DEEPEST) this.#fail('less nesting');
    this.#skip(SPACE);
    const next = this.#text[this.#at];
    if (next === '{') this.#list('}', () => this.#member(depth));
    else if (next === '[') this.#list(']', () => this.#value(depth + 1));
    else if (next === '"') this.#string();
    else if (!this.#skip(WORD) && !this.#skip(NUMBER)) this.#fail('a JSON value');
  }

  #list(end: '}' | ']', item: () => void): void {
    this.#at++;
    this.#skip(SPACE);
    if (this.#take(end)) return;
    do item();
    while (this.#separator(end));
  }

  /** True when another item follows. */
  #separator(end: '}' | ']'): boolean {
    this.#skip(SPACE);
    if (this.#take(',')) return true;
    return this.#take(end) ? false : this.#fail(`"," or "${end}"`);
  }

  #member(depth: number): void {
    this.#skip(SPACE);
    if (this.#text[this.#at] !== '"') this.#fail('a key in double quotes');
    const start = this.#at;
    this.#string();
    const key = this.#text.slice(start + 1, this.#at - 1);
    this.#skip(SPACE);
    if (!this.#take(':')) this.#fail('":"');
    this.#skip(SPACE);
    if (depth === 0) this.members.set(key, this.#at);
    this.#value(depth + 1);
  }

  #string(): void {
    const start = this.#at++;
    for (;;) {
      const next = this.#text.charCodeAt(this.#at);
      if (Number.isNaN(next)) this.#failAt(start, 'a string that ends');
      if (next < 0x20) this.#fail('an escape such as \\n, not a control character');
      if (this.#take('"')) return;
      if (next !== 0x5c) this.#at++;
      else if (!this.#skip(ESCAPE)) this.#fail('a valid escape');
    }
  }

  /** Moves past a match. False when nothing matched here. */
  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return false;
    const moved = pattern.lastIndex > this.#at;
    this.#at = pattern.lastIndex;
    return moved;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #fail(expected: string): never {
    return this.#failAt(this.#at, expected);
  }

  #failAt(offset: number, expected: string): never {
    throw new SyntaxProblem(offset, expected);
  }
}
