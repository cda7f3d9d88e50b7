import { createHash } from 'node:crypto';
import { finalizeEvent, getPublicKey, type NostrEvent } from 'nostr-tools/pure';
import type { Random } from '../../harness/corpus/random.js';

/** What a client puts on the wire. */
export type Sent =
  | { readonly how: 'text'; readonly text: string }
  | { readonly how: 'binary' | 'ping'; readonly bytes: Buffer }
  /** Bytes past the WebSocket library: frames that may not be. The connection ends with it. */
  | { readonly how: 'raw'; readonly bytes: Buffer };

const AUTHORS = 8;
const EVENTS = 150;
const EPOCH_S = 1_700_000_000;
const MAX_REPEATED = 300_000;

/** The events that are published, over and over: few, so that what a relay stores is bounded. */
export function eventPool(): readonly NostrEvent[] {
  const keys = Array.from({ length: AUTHORS }, (_, author) =>
    createHash('sha256').update(`fuzz ${author}`).digest(),
  );
  const someone = getPublicKey(keys[0] ?? Buffer.alloc(32));
  return Array.from({ length: EVENTS }, (_, i) =>
    finalizeEvent(
      {
        kind: [1, 0, 3, 7, 30_023, 20_001, 10_002, 1][i % 8] ?? 1,
        created_at: EPOCH_S + i,
        content: `event ${i} \u{1f40e} "\\`,
        tags: [
          ['d', String(i % 5)],
          ['t', `topic${i % 7}`],
          ['p', someone],
        ],
      },
      keys[i % AUTHORS] ?? Buffer.alloc(32),
    ),
  );
}

/** Draws messages that are right, nearly right, and wrong in every way that a client could think of. */
export class MessageGrammar {
  readonly #random: Random;
  readonly #events: readonly NostrEvent[];

  constructor(random: Random, events: readonly NostrEvent[]) {
    this.#random = random;
    this.#events = events;
  }

  next(): Sent {
    return this.#random.weighted<() => Sent>([
      { weight: 20, value: () => text(JSON.stringify(['REQ', this.#id(), ...this.#filters()])) },
      { weight: 12, value: () => text(JSON.stringify(['CLOSE', this.#id()])) },
      { weight: 6, value: () => text(JSON.stringify(['EVENT', this.#random.pick(this.#events)])) },
      { weight: 12, value: () => text(JSON.stringify(['EVENT', this.#mutatedEvent()])) },
      { weight: 12, value: () => text(JSON.stringify(['REQ', this.#id(), this.#mutatedFilter()])) },
      { weight: 6, value: () => text(JSON.stringify(['COUNT', this.#id(), ...this.#filters()])) },
      { weight: 5, value: () => text(JSON.stringify(['AUTH', this.#mutatedEvent()])) },
      { weight: 10, value: () => text(this.#damaged(this.#message())) },
      { weight: 8, value: () => text(JSON.stringify(this.#envelope())) },
      { weight: 4, value: () => text(this.#absurd()) },
      { weight: 3, value: () => ({ how: 'binary', bytes: this.#random.bytes(this.#random.below(300)) }) },
      { weight: 2, value: () => ({ how: 'ping', bytes: this.#random.bytes(this.#random.below(126)) }) },
    ])();
  }

  /** Bytes that are no WebSocket frame of a client, or one that breaks a rule of RFC 6455. */
  brokenFrame(): Sent {
    const random = this.#random;
    const bytes = random.weighted<() => Buffer>([
      { weight: 3, value: () => random.bytes(1 + random.below(200)) },
      // Unmasked; a reserved opcode; not UTF-8; a control frame in fragments; a length of 2^63.
      { weight: 1, value: () => Buffer.from([0x81, 0x02, 0x5b, 0x5d]) },
      { weight: 1, value: () => Buffer.from([0x83, 0x80, 0, 0, 0, 0]) },
      { weight: 1, value: () => Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe]) },
      { weight: 1, value: () => Buffer.from([0x09, 0x80, 0, 0, 0, 0]) },
      { weight: 1, value: () => Buffer.from([0x81, 0xff, 0x7f, ...Array.from({ length: 11 }, () => 0xff)]) },
    ])();
    return { how: 'raw', bytes };
  }

  #id(): string {
    return this.#random.weighted([
      { weight: 20, value: `s${this.#random.below(20)}` },
      { weight: 1, value: '' },
      { weight: 1, value: 'x'.repeat(65) },
      { weight: 1, value: '\u{1f40e}'.repeat(64) },
      { weight: 1, value: '\ud800\u0000\u001b[2J"\\' },
      { weight: 1, value: '__proto__' },
    ]);
  }

  #filters(): unknown[] {
    return Array.from({ length: 1 + this.#random.below(3) }, () => this.#filter());
  }

  #filter(): Record<string, unknown> {
    const random = this.#random;
    const event = random.pick(this.#events);
    const filter: Record<string, unknown> = { limit: random.below(6) };
    if (random.percent(40)) filter.kinds = [event.kind, random.below(70_000) % 65_536];
    if (random.percent(30)) filter.authors = [event.pubkey];
    if (random.percent(20)) filter.ids = [event.id];
    if (random.percent(20)) filter['#t'] = [`topic${random.below(9)}`];
    if (random.percent(20)) filter.since = EPOCH_S + random.below(EVENTS);
    if (random.percent(20)) filter.until = EPOCH_S + random.below(EVENTS);
    return filter;
  }

  #mutatedFilter(): unknown {
    if (this.#random.percent(10)) return this.#value(2);
    const key = this.#random.pick([
      'ids',
      'authors',
      'kinds',
      '#t',
      '#',
      '#tt',
      'since',
      'limit',
      '__proto__',
      'x',
    ]);
    return { ...this.#filter(), [key]: this.#value(2) };
  }

  #mutatedEvent(): unknown {
    if (this.#random.percent(5)) return this.#value(2);
    const event: Record<string, unknown> = { ...this.#random.pick(this.#events) };
    const key = this.#random.pick(['id', 'pubkey', 'created_at', 'kind', 'tags', 'content', 'sig', 'extra']);
    if (this.#random.percent(20)) delete event[key];
    else if (key === 'sig' && this.#random.percent(70)) event.sig = this.#random.bytes(64).toString('hex');
    else event[key] = this.#value(2);
    return event;
  }

  /** Any JSON value. */
  #value(depth: number): unknown {
    const random = this.#random;
    const inner = (): unknown => this.#value(depth - 1);
    const choices: readonly (() => unknown)[] = [
      () => null,
      () => random.percent(50),
      () => random.pick([0, -1, 1.5, 1e308, -0, 2 ** 53, 4_294_967_296, 65_536]),
      () => random.bytes(random.pick([0, 1, 31, 32, 33, 64])).toString('hex'),
      () => random.pick(['', '\u0000', '\ud83d', '\u2028', 'é'.repeat(40), '__proto__', 'constructor']),
    ];
    const nested: readonly (() => unknown)[] = [
      () => Array.from({ length: random.below(5) }, inner),
      () => ({ [random.pick(['a', 'id', 'toString', '__proto__'])]: inner() }),
    ];
    return random.pick(depth > 0 ? [...choices, ...nested] : choices)();
  }

  #envelope(): unknown {
    const label = this.#random.pick([
      'EVENT',
      'REQ',
      'CLOSE',
      'AUTH',
      'COUNT',
      'req',
      'NEG-OPEN',
      '',
      1,
      null,
      [],
    ]);
    const rest = Array.from({ length: this.#random.below(4) }, () => this.#value(3));
    return this.#random.percent(10) ? this.#value(3) : [label, ...rest];
  }

  #message(): string {
    return JSON.stringify(
      this.#random.percent(50)
        ? ['EVENT', this.#random.pick(this.#events)]
        : ['REQ', this.#id(), ...this.#filters()],
    );
  }

  /** A few characters changed, taken out, doubled, or everything after one of them. */
  #damaged(message: string): string {
    let damaged = message;
    for (let i = this.#random.below(3); i >= 0; i -= 1) {
      const at = this.#random.below(damaged.length + 1);
      const odd = this.#random.pick([
        '',
        '"',
        '\\',
        '{',
        ']',
        ',',
        '\u0000',
        '9',
        '\u{1f40e}',
        'null',
        '\\u',
        '-',
      ]);
      const rest = damaged.slice(at + this.#random.below(3));
      damaged = damaged.slice(0, at) + odd + (this.#random.percent(10) ? '' : rest);
    }
    return damaged;
  }

  #absurd(): string {
    const random = this.#random;
    const many = 1 + random.below(random.percent(3) ? MAX_REPEATED : 2_000);
    return random.weighted<() => string>([
      { weight: 2, value: () => '['.repeat(many) },
      { weight: 2, value: () => `["REQ","a",${'{"a":'.repeat(many)}1${'}'.repeat(many)}]` },
      { weight: 2, value: () => `["REQ","a",{"ids":[${'"a",'.repeat(many)}"a"]}]` },
      { weight: 2, value: () => JSON.stringify(['REQ', 'x'.repeat(many), {}]) },
      {
        weight: 2,
        value: () => JSON.stringify(['REQ', 'a', ...Array.from({ length: many % 300 }, () => ({}))]),
      },
      { weight: 2, value: () => `["EVENT",${'9'.repeat(many)}]` },
      { weight: 2, value: () => ' '.repeat(many) },
      { weight: 1, value: () => '' },
    ])();
  }
}

function text(value: string): Sent {
  return { how: 'text', text: value };
}
