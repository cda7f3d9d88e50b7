import { NS_PER_MS } from '../../clock.js';
import type { ExcerptLine } from '../../results.js';

const KEPT = 20_000;
const SHOWN = 40;
const MAX_CHARACTERS = 300;

/** What went over the wire in one probe, both ways, over all its connections. Bounded in number and in size. */
export class WireRecord {
  readonly #lines: (ExcerptLine & { readonly connection: number })[] = [];
  #left = 0;
  #openedNs: number | undefined;
  #connections = 0;

  constructor(private readonly clock: () => number) {}

  /** Numbers a new connection of the probe, from 1. */
  opened(): number {
    this.#connections += 1;
    this.add(this.#connections, 'note', 'connected');
    return this.#connections;
  }

  add(connection: number, direction: ExcerptLine['direction'], text: string): void {
    const atNs = this.clock();
    this.#openedNs ??= atNs;
    const atMs = (atNs - this.#openedNs) / NS_PER_MS;
    this.#lines.push({ connection, atMs, direction, text: cut(text) });
    if (this.#lines.length <= KEPT) return;
    this.#lines.shift();
    this.#left += 1;
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
      text: this.#connections > 1 ? `(connection ${connection}) ${text}` : text,
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
