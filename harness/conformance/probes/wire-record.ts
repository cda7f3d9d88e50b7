import { NS_PER_MS } from '../../clock.js';
import type { ExcerptLine } from '../../results.js';

/** Characters of a message that are kept; in all, as many lines and characters as the next two say. */
export const MOST_KEPT = 65_536;
const KEPT = 20_000;
const KEPT_CHARACTERS = 32_000_000;
/** So much more before the oldest go, all at once: to move what is kept at every message of a flood would take longer than the flood. */
const KEPT_MORE = 20_000;
const KEPT_MORE_CHARACTERS = 4_000_000;
const SHOWN = 40;
const MAX_CHARACTERS = 300;

/** A line as it went over the wire. */
export interface WireLine extends ExcerptLine {
  readonly connection: number;
  /** Size of the message where the text is not all of it. */
  readonly bytes?: number | undefined;
}

/** What went over the wire in one probe, both ways, over all its connections. Bounded in number and in size. */
export class WireRecord {
  readonly #lines: WireLine[] = [];
  #characters = 0;
  #left = 0;
  #openedNs: number | undefined;
  #connections = 0;

  constructor(private readonly clock: () => number) {}

  /** The last lines; those before them were too many. */
  get lines(): readonly WireLine[] {
    return this.#lines;
  }

  /** How many lines there were before those. */
  get leftOut(): number {
    return this.#left;
  }

  /** Numbers a new connection of the probe, from 1. */
  opened(): number {
    this.#connections += 1;
    this.add(this.#connections, 'note', 'connected');
    return this.#connections;
  }

  /** @param bytes the size of the message where `text` is not all of it */
  add(connection: number, direction: ExcerptLine['direction'], text: string, bytes?: number): void {
    const atNs = this.clock();
    this.#openedNs ??= atNs;
    const atMs = (atNs - this.#openedNs) / NS_PER_MS;
    this.#lines.push({ connection, atMs, direction, text, bytes });
    this.#characters += text.length;
    if (this.#lines.length > KEPT + KEPT_MORE || this.#characters > KEPT_CHARACTERS + KEPT_MORE_CHARACTERS) {
      this.#dropOldest();
    }
  }

  #dropOldest(): void {
    let dropped = 0;
    for (const { text } of this.#lines) {
      const left = this.#lines.length - dropped;
      if (left <= KEPT && (this.#characters <= KEPT_CHARACTERS || left <= SHOWN)) break;
      this.#characters -= text.length;
      dropped += 1;
    }
    this.#lines.splice(0, dropped);
    this.#left += dropped;
  }

  /**
   * The last lines, of those that hold one of the texts of `about` where any are given; with several connections
   * each line says of which it is.
   */
  excerpt(about: readonly string[] = []): ExcerptLine[] {
    const concerns = ({ text }: ExcerptLine) =>
      about.length === 0 || about.some((part) => text.includes(part));
    const shown = this.#lines.filter(concerns).slice(-SHOWN);
    const left = this.#left + this.#lines.length - shown.length;
    const lines = shown.map(({ connection, atMs, direction, text }) => ({
      atMs,
      direction,
      text: this.#connections > 1 ? `(connection ${connection}) ${cut(text)}` : cut(text),
    }));
    if (left === 0) return lines;
    const note = {
      atMs: lines[0]?.atMs ?? 0,
      direction: 'note' as const,
      text: `${left} ${about.length === 0 ? 'earlier' : 'other'} lines left out`,
    };
    return [note, ...lines];
  }
}

function cut(text: string): string {
  return text.length <= MAX_CHARACTERS ? text : `${Buffer.from(text.slice(0, MAX_CHARACTERS)).toString()}…`;
}
