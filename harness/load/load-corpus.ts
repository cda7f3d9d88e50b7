import type { NostrEvent } from 'nostr-tools/pure';
import { type ClientConnection, ConnectError, openConnection } from '../client/connection.js';
import type { FrameReader } from '../client/frame.js';
import type { ReceivedMessage } from '../client/message.js';
import type { AuthTemplate } from '../client/session-context.js';
import { NS_PER_MS, nowNs } from '../clock.js';
import type { LoadOrder, LoadReport } from './protocol.js';

export interface LoadableCorpus {
  /** Text of each event, by position. */
  readonly lines: readonly string[];
  readonly ids: readonly string[];
}

/**
 * Publishes every event of the corpus over EVENT, in order, with at most `inFlight` unanswered, and checks each
 * OK. An EVENT that is refused with `auth-required:` is sent again after AUTH. When the connection ends, no OK comes for
 * `silenceMs` or everything is refused, what has no OK true by then counts as refused.
 * @param signal ends it early
 */
export async function loadCorpus(
  order: LoadOrder,
  corpus: LoadableCorpus,
  reader: FrameReader,
  signAuth: (template: AuthTemplate) => NostrEvent,
  signal: AbortSignal,
): Promise<LoadReport> {
  const startedNs = nowNs();
  const loading = new Loading(order, corpus, signAuth);
  const connection = await openConnection({
    url: order.url,
    connection: 0,
    clock: nowNs,
    reader,
    wire: { opened() {}, sent() {}, paced() {}, got() {}, closed() {} },
    onMessage: (message) => loading.got(message),
    onClosed: (_by, detail) => loading.connectionEnded(detail),
  }).catch((error: unknown) => {
    if (!(error instanceof ConnectError)) throw error;
    loading.connectionEnded(error.message);
    return undefined;
  });
  try {
    if (connection) await loading.run(connection, signal);
    return { ...loading.outcome, durationMs: (nowNs() - startedNs) / NS_PER_MS };
  } finally {
    connection?.close();
  }
}

class Loading {
  #connection: ClientConnection | undefined;
  #next = 0;
  readonly #unanswered = new Map<string, number>();
  readonly #refused: { position: number; reason: string }[] = [];
  #accepted = 0;
  #stopped: LoadReport['stopped'];
  #challenge: string | undefined;
  #auth: { readonly id: string; state: 'asked' | 'accepted' | 'refused' } | undefined;
  readonly #waitingForAuth: number[] = [];
  #lastAnswerNs = nowNs();
  #end: (() => void) | undefined;

  constructor(
    private readonly order: LoadOrder,
    private readonly corpus: LoadableCorpus,
    private readonly signAuth: (template: AuthTemplate) => NostrEvent,
  ) {}

  async run(connection: ClientConnection, signal: AbortSignal): Promise<void> {
    this.#connection = connection;
    const watchdog = setInterval(() => this.#lookForSilence(), 250);
    const interrupted = (): void => this.#giveUp('interrupted', 'the loading was interrupted');
    signal.addEventListener('abort', interrupted, { once: true });
    await new Promise<void>((resolve) => {
      this.#end = resolve;
      if (signal.aborted) interrupted();
      else this.#fill();
    });
    clearInterval(watchdog);
    signal.removeEventListener('abort', interrupted);
  }

  get outcome(): Omit<LoadReport, 'durationMs'> {
    const refused = this.#refused.toSorted((a, b) => a.position - b.position);
    return { accepted: this.#accepted, refused, stopped: this.#stopped };
  }

  got(message: ReceivedMessage): void {
    if (message.label === 'AUTH') this.#challenge = message.challenge;
    if (message.label !== 'OK' || this.#isOver) return;
    this.#lastAnswerNs = nowNs();
    if (this.#auth?.id === message.id) {
      this.#auth.state = message.accepted ? 'accepted' : 'refused';
      for (const position of this.#waitingForAuth.splice(0)) this.#send(position);
      return;
    }
    const position = this.#unanswered.get(message.id);
    if (position === undefined) return;
    this.#unanswered.delete(message.id);
    if (message.accepted) this.#accepted += 1;
    else if (!this.#triesAgain(position, message.reason)) {
      this.#refused.push({ position, reason: message.reason });
    }
    const { refusalsToGiveUp = Number.POSITIVE_INFINITY } = this.order;
    if (this.#accepted > 0 || this.#refused.length < refusalsToGiveUp) this.#fill();
    else this.#giveUp('refused', `not sent: the first ${refusalsToGiveUp} were all refused`);
  }

  connectionEnded(detail: string): void {
    this.#giveUp('disconnected', `the connection ended: ${detail}`);
  }

  get #isOver(): boolean {
    return this.#accepted + this.#refused.length === this.corpus.lines.length;
  }

  #fill(): void {
    while (
      this.#next < this.corpus.lines.length &&
      this.#unanswered.size + this.#waitingForAuth.length < this.order.inFlight
    ) {
      this.#send(this.#next);
      this.#next += 1;
    }
    if (this.#isOver) this.#end?.();
  }

  #send(position: number): void {
    const id = this.corpus.ids[position];
    const line = this.corpus.lines[position];
    if (id === undefined || line === undefined) return;
    this.#unanswered.set(id, position);
    this.#connection?.sendRaw(`["EVENT",${line}]`);
  }

  #triesAgain(position: number, reason: string): boolean {
    if (!reason.startsWith('auth-required:') || this.#challenge === undefined) return false;
    if (this.#auth && this.#auth.state !== 'asked') return false;
    this.#waitingForAuth.push(position);
    if (this.#auth) return true;
    const event = this.signAuth({
      challenge: this.#challenge,
      relayUrl: this.order.authUrl ?? this.order.url,
      secretKey: this.order.secretKey,
      createdAtS: Math.floor(Date.now() / 1000),
    });
    this.#auth = { id: event.id, state: 'asked' };
    this.#connection?.sendRaw(`["AUTH",${JSON.stringify(event)}]`);
    return true;
  }

  #lookForSilence(): void {
    if (nowNs() - this.#lastAnswerNs < this.order.silenceMs * NS_PER_MS) return;
    this.#giveUp('silent', `no OK came for ${this.order.silenceMs} ms`);
  }

  /** What has no answer yet gets none, and what was not sent stays so. */
  #giveUp(why: NonNullable<LoadReport['stopped']>, reason: string): void {
    if (this.#isOver) return;
    this.#stopped = why;
    const { length } = this.corpus.lines;
    const unsent = Array.from({ length: length - this.#next }, (_, index) => this.#next + index);
    const without = [...this.#unanswered.values(), ...this.#waitingForAuth, ...unsent];
    this.#refused.push(...without.map((position) => ({ position, reason })));
    this.#unanswered.clear();
    this.#waitingForAuth.length = 0;
    this.#end?.();
  }
}
