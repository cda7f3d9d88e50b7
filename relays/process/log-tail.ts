import { StringDecoder } from 'node:string_decoder';

const KEPT_LINES = 50;
const LINE_CHARS = 2_000;

/**
 * The last lines that a process wrote, in constant memory however much it writes. Lines are kept as they came,
 * control characters included: hostile text, for whoever shows it to escape.
 */
export class LogTail {
  readonly #kept: string[] = [];
  readonly #open = new Set<OpenLine>();

  /** Reads one stream of the process; lines of several streams are kept in the order in which they ended. */
  read(stream: NodeJS.ReadableStream): void {
    const line = new OpenLine((text) => this.#keep(text));
    this.#open.add(line);
    stream.on('data', (chunk: Buffer) => line.append(chunk));
    stream.on('end', () => {
      line.end();
      this.#open.delete(line);
    });
    stream.on('error', () => this.#open.delete(line));
  }

  /** Oldest first, at most {@link KEPT_LINES}; a line without its newline yet counts. */
  lines(): readonly string[] {
    const unfinished = [...this.#open].map((line) => line.text).filter((text) => text !== '');
    return [...this.#kept, ...unfinished].slice(-KEPT_LINES);
  }

  #keep(line: string): void {
    this.#kept.push(line);
    if (this.#kept.length > KEPT_LINES) this.#kept.shift();
  }
}

/** A line in the making; keeps no more of it than will be shown. */
class OpenLine {
  readonly #decoder = new StringDecoder('utf8');
  #text = '';

  constructor(private readonly ended: (text: string) => void) {}

  get text(): string {
    return this.#text;
  }

  append(chunk: Buffer): void {
    const [rest = '', ...lines] = this.#decoder.write(chunk).split('\n');
    this.#extend(rest);
    for (const line of lines) {
      this.#finish();
      this.#extend(line);
    }
  }

  end(): void {
    this.#extend(this.#decoder.end());
    if (this.#text !== '') this.#finish();
  }

  #finish(): void {
    this.ended(this.#text);
    this.#text = '';
  }

  #extend(text: string): void {
    const room = LINE_CHARS - this.#text.length;
    if (room > 0) this.#text += text.slice(0, room);
  }
}
