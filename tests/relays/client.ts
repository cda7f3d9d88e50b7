import { once } from 'node:events';
import type { NostrEvent } from 'nostr-tools/pure';
import { WebSocket } from 'ws';

/** A message from the relay, parsed. */
export type Message = readonly [string, ...unknown[]];

/** A client for tests: everything that came is kept, in order, and can be awaited. */
export class TestClient {
  readonly messages: Message[] = [];
  readonly #waiting = new Set<() => void>();
  closeCode: number | undefined;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => {
      this.messages.push(JSON.parse(String(data)));
      for (const check of [...this.#waiting]) check();
    });
    socket.on('close', (code) => {
      this.closeCode = code;
      for (const check of [...this.#waiting]) check();
    });
    socket.on('error', () => undefined);
  }

  static async connect(url: string, options: { headers?: Record<string, string> } = {}): Promise<TestClient> {
    const socket = new WebSocket(url, { perMessageDeflate: false, ...options });
    const client = new TestClient(socket);
    await once(socket, 'open');
    return client;
  }

  send(...message: unknown[]): void {
    this.socket.send(JSON.stringify(message));
  }

  sendText(text: string): void {
    this.socket.send(text);
  }

  /** Resolves when `holds`; rejects when the connection ends first. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const ended = this.closeCode !== undefined;
        if (!holds() && !ended) return;
        this.#waiting.delete(check);
        if (holds()) resolve();
        else reject(new Error(`closed with ${this.closeCode}`));
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** The first message with this label and second element, now or later. */
  async message(label: string, key?: string): Promise<Message> {
    const find = () => this.messages.find((m) => m[0] === label && (key === undefined || m[1] === key));
    await this.until(() => find() !== undefined);
    const found = find();
    if (found === undefined) throw new Error('unreachable');
    return found;
  }

  /** Publishes and returns the OK. */
  publish(event: NostrEvent): Promise<Message> {
    const already = this.messages.length;
    const find = () => this.messages.slice(already).find((m) => m[0] === 'OK' && m[1] === event.id);
    this.send('EVENT', event);
    return this.until(() => find() !== undefined).then(() => find() ?? ['OK']);
  }

  #lastId = 0;

  /** Asks, waits for EOSE or CLOSED, closes, and returns the ids in the order they came. */
  async query(...filters: unknown[]): Promise<string[]> {
    this.#lastId += 1;
    const id = `q${this.#lastId}`;
    this.send('REQ', id, ...filters);
    await this.answered(id);
    this.send('CLOSE', id);
    return this.idsOf(id);
  }

  async answered(id: string): Promise<Message> {
    const find = () => this.messages.find((m) => (m[0] === 'EOSE' || m[0] === 'CLOSED') && m[1] === id);
    await this.until(() => find() !== undefined);
    return find() ?? ['EOSE'];
  }

  /** Ids of the events of a subscription, in the order they came. */
  idsOf(subscription: string): string[] {
    return this.messages
      .filter((m) => m[0] === 'EVENT' && m[1] === subscription)
      .map((m) => (m[2] as NostrEvent).id);
  }

  /** Resolves when everything that was sent before has been answered: a REQ that nothing matches. */
  async fence(): Promise<void> {
    await this.query({ ids: ['0'.repeat(64)] });
  }

  async close(): Promise<void> {
    if (this.closeCode !== undefined) return;
    this.socket.terminate();
    await once(this.socket, 'close');
  }
}
