import type { NostrEvent } from 'nostr-tools/pure';
import { type ClientConnection, openConnection } from '../client/connection.js';
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

/** The relay stopped answering or went away while it was loaded; `message` says how far it came. */
export class LoadError extends Error {
  override readonly name = 'LoadError';
}

/**
 * Publishes every event of the corpus over EVENT, in order, with at most `inFlight` unanswered, and checks each
 * OK. An EVENT that is refused with `auth-required:` is sent again after AUTH.
 * @throws {LoadError} when the connection ends or no OK comes for `silenceMs`
 */
export async function loadCorpus(
  order: LoadOrder,
  corpus: LoadableCorpus,
  reader: FrameReader,
  signAuth: (template: AuthTemplate) => NostrEvent,
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
  });
  try {
    const refused = await loading.run(connection);
    return {
      accepted: corpus.lines.length - refused.length,
      refused,
      durationMs: (nowNs() - startedNs) / NS_PER_MS,
    };
  } finally {
    connection.close();
  }
}

class Loading {
  #connection: ClientConnection | undefined;
  #next = 0;
  readonly #unanswered = new Map<string, number>();
  readonly #refused: { position: number; reason: string }[] = [];
  #challenge: string | undefined;
  #auth: { readonly id: string; state: 'asked' | 'accepted' | 'refused' } | undefined;
  readonly #waitingForAuth: number[] = [];
  #lastAnswerNs = nowNs();
  #settle: { resolve: () => void; reject: (error: Error) => void } | undefined;

  constructor(
    private readonly order: LoadOrder,
    private readonly corpus: LoadableCorpus,
    private readonly signAuth: (template: AuthTemplate) => NostrEvent,
  ) {}

  async run(connection: ClientConnection): Promise<{ position: number; reason: string }[]> {
    this.#connection = connection;
    const watchdog = setInterval(() => {
      if (nowNs() - this.#lastAnswerNs > this.order.silenceMs * NS_PER_MS) {
        this.#fail(`no OK for ${this.order.silenceMs} ms`);
      }
    }, 250);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#settle = { resolve, reject };
        this.#fill();
      });
    } finally {
      clearInterval(watchdog);
    }
    return this.#refused;
  }

  got(message: ReceivedMessage): void {
    if (message.label === 'AUTH') this.#challenge = message.challenge;
    if (message.label !== 'OK') return;
    this.#lastAnswerNs = nowNs();
    if (this.#auth?.id === message.id) {
      this.#auth.state = message.accepted ? 'accepted' : 'refused';
      for (const position of this.#waitingForAuth.splice(0)) this.#send(position);
      return;
    }
    const position = this.#unanswered.get(message.id);
    if (position === undefined) return;
    this.#unanswered.delete(message.id);
    if (!message.accepted && !this.#triesAgain(position, message.reason)) {
      this.#refused.push({ position, reason: message.reason });
    }
    this.#fill();
  }

  connectionEnded(detail: string): void {
    this.#fail(`the connection ended: ${detail}`);
  }

  #fill(): void {
    while (
      this.#next < this.corpus.lines.length &&
      this.#unanswered.size + this.#waitingForAuth.length < this.order.inFlight
    ) {
      this.#send(this.#next);
      this.#next += 1;
    }
    const isDone = this.#next === this.corpus.lines.length;
    if (isDone && this.#unanswered.size === 0 && this.#waitingForAuth.length === 0) this.#settle?.resolve();
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

  #fail(reason: string): void {
    const done = this.#next - this.#unanswered.size;
    this.#settle?.reject(
      new LoadError(
        `loading the corpus stopped after ${done} of ${this.corpus.lines.length} events: ${reason}`,
      ),
    );
  }
}
