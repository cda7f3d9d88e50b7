/** The live view of a run: one line that changes in a terminal, one line a round elsewhere. */
import ora, { type Ora } from 'ora';
import { printable } from '../reports/printable.js';

/** What a run is doing right now, as plain data. */
export type ProgressEvent =
  /** Before the first round: `signing events`, with how far that is where it is known. */
  | { readonly kind: 'preparing'; readonly what: string; readonly done?: number; readonly of?: number }
  /** One relay's part of a round: started, warmed up, measured, stopped. Rounds and parts count from 1. */
  | {
      readonly kind: 'part';
      readonly round: number;
      /** Undefined while nobody knows: the run goes on until it is decided. */
      readonly rounds?: number | undefined;
      readonly relay: string;
      /** This part among all parts of the run, rounds × relays. */
      readonly part: number;
      readonly parts?: number | undefined;
      /** What a run of unknown length may take. */
      readonly budgetMs?: number | undefined;
    }
  /** Within a part; may come often. */
  | {
      readonly kind: 'load';
      readonly phase: string;
      readonly elapsedMs: number;
      /** Undefined where a phase ends when its clients do. */
      readonly ofMs?: number | undefined;
      readonly requests: number;
      readonly failed: number;
    }
  /** After the load of a part: what is still awaited or done, `waiting for EOSE of r12`. */
  | { readonly kind: 'finishing'; readonly what: string }
  /** Something the user should see now, `batched died`. It stays on the screen. */
  | { readonly kind: 'notice'; readonly text: string };

/** Where a run reports what it is doing. Texts may come from a relay; they are shown, not obeyed. */
export interface Progress {
  show(event: ProgressEvent): void;
  /** Takes the changing line away and gives the terminal back. Nothing is shown afterwards. */
  end(): void;
}

export interface ProgressOptions {
  readonly color: boolean;
  /** True in a terminal: one line that changes. */
  readonly interactive: boolean;
  /** True shows nothing at all (`--json`). */
  readonly silent?: boolean;
  /** Milliseconds of a clock that never goes back; `performance.now` unless given. */
  readonly now?: () => number;
}

/** A {@link Progress} that writes to `stream` (the standard error of a command line). */
export function createProgress(stream: NodeJS.WritableStream, options: ProgressOptions): Progress {
  if (options.silent) return { show: () => undefined, end: () => undefined };
  return options.interactive ? new ChangingLine(stream, options) : new PlainLines(stream, options);
}

/** What is known from the events so far: the round that runs, and how long the rest will take. */
class Position {
  readonly #now: () => number;
  #beganAt: number | undefined;
  #left: number | undefined;
  #isBound = false;
  round = '';
  relay = '';

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Notes a new part; says whether it opens another round. */
  enter({ round, rounds, relay, part, parts, budgetMs }: ProgressEvent & { kind: 'part' }): boolean {
    const at = this.#now();
    this.#beganAt ??= at;
    const done = part - 1;
    this.#isBound = parts === undefined;
    if (parts === undefined) this.#left = budgetMs === undefined ? undefined : this.#beganAt + budgetMs;
    else this.#left = done > 0 ? at + ((at - this.#beganAt) / done) * (parts - done) : undefined;
    const text = rounds === undefined ? `round ${round}` : `round ${round}/${rounds}`;
    const isNew = text !== this.round;
    this.round = text;
    this.relay = printable(relay, 40);
    return isNew;
  }

  /** `about 12 s left`; empty until one part is done, from which it is estimated. */
  left(): string {
    if (this.#left === undefined) return '';
    const seconds = Math.max(0, Math.round((this.#left - this.#now()) / 1000));
    const time = seconds >= 90 ? `${Math.round(seconds / 60)} min` : `${seconds} s`;
    return `${this.#isBound ? 'at most' : 'about'} ${time} left`;
  }
}

class ChangingLine implements Progress {
  readonly #position: Position;
  readonly #spinner: Ora;
  readonly #stream: NodeJS.WritableStream & { readonly columns?: number };
  #hasEnded = false;

  constructor(stream: NodeJS.WritableStream, { color, now = () => performance.now() }: ProgressOptions) {
    this.#stream = stream;
    this.#position = new Position(now);
    this.#spinner = ora({ stream, isEnabled: true, discardStdin: false, color: color ? 'cyan' : false });
  }

  show(event: ProgressEvent): void {
    if (this.#hasEnded) return;
    if (event.kind === 'notice') {
      this.#keep(printable(event.text, 500));
      return;
    }
    if (event.kind === 'part') this.#position.enter(event);
    const { round, relay } = this.#position;
    const parts =
      event.kind === 'preparing' ? [wordsOf(event)] : [round, relay, wordsOf(event), this.#position.left()];
    const width = Math.max(20, (this.#stream.columns ?? 80) - 3);
    this.#spinner.text = printable(parts.filter(Boolean).join(' · '), width);
    if (!this.#spinner.isSpinning) this.#spinner.start();
  }

  end(): void {
    this.#hasEnded = true;
    this.#spinner.stop();
  }

  #keep(text: string): void {
    this.#spinner.clear();
    this.#stream.write(`${text}\n`);
    this.#spinner.render();
  }
}

class PlainLines implements Progress {
  readonly #position: Position;
  readonly #stream: NodeJS.WritableStream;
  #lastPreparation = '';
  #hasEnded = false;

  constructor(stream: NodeJS.WritableStream, { now = () => performance.now() }: ProgressOptions) {
    this.#stream = stream;
    this.#position = new Position(now);
  }

  show(event: ProgressEvent): void {
    if (this.#hasEnded) return;
    if (event.kind === 'notice') this.#write(printable(event.text, 500));
    if (event.kind === 'part' && this.#position.enter(event)) {
      this.#write([this.#position.round, this.#position.left()].filter(Boolean).join(' · '));
    }
    if (event.kind === 'preparing' && event.what !== this.#lastPreparation) {
      this.#lastPreparation = event.what;
      this.#write(printable(event.what, 200));
    }
  }

  end(): void {
    this.#hasEnded = true;
  }

  #write(line: string): void {
    this.#stream.write(`${line}\n`);
  }
}

function wordsOf(event: ProgressEvent): string {
  switch (event.kind) {
    case 'preparing':
      return event.of ? `${event.what} · ${event.done ?? 0} of ${event.of}` : event.what;
    case 'part':
      return 'starting';
    case 'load': {
      const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
      const time =
        event.ofMs === undefined
          ? seconds(event.elapsedMs)
          : `${seconds(event.elapsedMs)} of ${seconds(event.ofMs)}`;
      return `${event.phase} · ${time} · ${event.requests} REQ · ${event.failed} failed`;
    }
    case 'finishing':
      return event.what;
    case 'notice':
      return event.text;
  }
}
