import { setTimeout as sleep } from 'node:timers/promises';
import type { Filter } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import { publicKeyOf } from '../../corpus/keys.js';
import { isPublicKey, type SigningKey, signEvent } from '../../corpus/signature.js';
import { quoted } from '../checks/check.js';
import { Client, type Witness } from './client.js';
import { Broken, NotArranged } from './probe.js';
import { type Subject, settleMs, statedLimit } from './subject.js';
import { WireRecord } from './wire-record.js';
import { createWitness } from './witness.js';

const AUTH_KIND = 22242;
const PROTECTED_EVENTS_NIP = 70;
const NOTHING_MATCHES = '0'.repeat(64);

/** What an event may be given; the rest is filled in. */
export interface Draft {
  readonly kind?: number;
  readonly content?: string;
  /** Beside the tag of the scene. */
  readonly tags?: readonly string[][];
  /** Seconds from the scene's time: -10 is ten seconds before. */
  readonly at?: number;
}

/**
 * What one probe plays in: connections, keys and events of its own. Every event carries a `t` tag of this scene
 * alone, so that filters of {@link only} see nothing of other probes, whatever the relay holds.
 */
export class Scene {
  readonly record: WireRecord;
  readonly alice: SigningKey;
  readonly bob: SigningKey;
  /** The value of the `t` tag that this scene's events carry. */
  readonly tag: string;
  /** The relay's time as far as we know, in seconds. */
  readonly nowS: number;
  readonly #witness: Witness;
  readonly #clients: Client[] = [];

  constructor(readonly subject: Subject) {
    const { surroundings, allowedKeys } = subject;
    this.record = new WireRecord(surroundings.clock);
    this.#witness = createWitness(subject);
    this.nowS = Math.floor(surroundings.wallClockMs() / 1000);
    this.tag = surroundings.randomBytes(12).toString('hex');
    this.alice = allowedKeys[0] ?? this.stranger();
    this.bob = allowedKeys[1] ?? this.stranger();
  }

  /** A new key, that no allowlist holds. */
  stranger(): SigningKey {
    const secretKey = this.subject.surroundings.randomBytes(32).toString('hex');
    return { secretKey, publicKey: publicKeyOf(secretKey) };
  }

  /** An event of alice, or of another; each is a second older than the one drafted before, unless `at` says else. */
  event(
    { kind = 1, content = '', tags = [], at = -10 }: Draft = {},
    key: SigningKey = this.alice,
  ): NostrEvent {
    return this.signed({ kind, content, tags: [['t', this.tag], ...tags], created_at: this.nowS + at }, key);
  }

  /** Signs exactly this. */
  signed(
    template: { kind: number; content: string; tags: string[][]; created_at: number },
    key: SigningKey = this.alice,
  ): NostrEvent {
    return signEvent(template, key, this.subject.surroundings.randomBytes(32));
  }

  /** `count` events with different times, newest first. */
  events(count: number, draft: Draft = {}): NostrEvent[] {
    return Array.from({ length: count }, (_, index) =>
      this.event({ content: `event ${index}`, ...draft, at: (draft.at ?? -10) - index }),
    );
  }

  /** A filter that matches events of this scene alone. */
  only(filter: Filter = {}): Filter {
    return { ...filter, '#t': [this.tag] };
  }

  /**
   * The same by alice's key instead of the tag, for probes that are not about tags. A key that the relay admits is shared
   * with other scenes: more than this scene's events may match.
   */
  byAlice(filter: Filter = {}): Filter {
    return { ...filter, authors: [this.alice.publicKey] };
  }

  /** A public key that is no point of the curve: one x in two. */
  offCurve(): string {
    for (;;) {
      const candidate = this.subject.surroundings.randomBytes(32).toString('hex');
      if (!isPublicKey(candidate)) return candidate;
    }
  }

  /** A connection that the relay serves: where it demands AUTH, as alice, unless `as` says who or that nobody. */
  async connect({
    as = this.alice,
    deflate,
  }: {
    readonly as?: SigningKey | 'nobody';
    readonly deflate?: boolean;
  } = {}): Promise<Client> {
    const { subject, record } = this;
    const client = await Client.connect({ subject, record, witness: this.#witness, deflate });
    this.#clients.push(client);
    if (subject.access !== 'open' && as !== 'nobody') await this.logIn(client, as);
    return client;
  }

  /** Authenticates a connection. @throws {NotArranged} when that fails */
  async logIn(client: Client, key: SigningKey): Promise<void> {
    const challenge = await this.challengeOf(client);
    const ok = await client.authenticate(this.authEvent(challenge, { key }));
    if (!ok) throw new NotArranged('needs AUTH; the relay did not answer it');
    if (ok.accepted) return;
    throw new NotArranged(
      `needs AUTH with an admitted key (--allowed-key) and the relay's own address (--auth-url); the relay said ${quoted(ok.reason)}`,
    );
  }

  /** The challenge of a connection; where it comes on refusal only, a REQ asks for it. */
  async challengeOf(client: Client): Promise<string> {
    const early = await client.challenge(0);
    if (early !== undefined) return early;
    const { by, subscription } = await client.answerTo(client.request([{ ids: [NOTHING_MATCHES] }]));
    if (by === 'EOSE') client.close(subscription);
    const challenge =
      (await client.challenge(settleMs(this.subject))) ?? (await this.#challengeForWriting(client));
    if (challenge === undefined) throw new NotArranged('needs a challenge; the relay sent no AUTH');
    return challenge;
  }

  /** The challenge of a relay that serves everybody, and asks for AUTH when a protected event (NIP-70) comes. */
  async #challengeForWriting(client: Client): Promise<string | undefined> {
    const { writable, claims } = this.subject;
    if (!writable || !claims.has(PROTECTED_EVENTS_NIP)) return undefined;
    const tags = [['-']];
    await client.publish(this.signed({ kind: 1, content: '', tags, created_at: this.nowS }, this.stranger()));
    return client.challenge(settleMs(this.subject));
  }

  /** An AUTH event (NIP-42), right unless told otherwise. */
  authEvent(
    challenge: string,
    { key = this.alice, relay = this.subject.authUrl, kind = AUTH_KIND, at = 0 }: AuthDraft = {},
  ): NostrEvent {
    const tags = [
      ['relay', relay],
      ['challenge', challenge],
    ];
    return this.signed({ kind, content: '', tags, created_at: this.#nowS() + at }, key);
  }

  /** A limit that the relay states. @throws {NotArranged} when it states none, or more than a probe can reach */
  limit(name: string, atMost: number): number {
    const limit = statedLimit(this.subject, name);
    if (limit === undefined || limit < 1) throw new NotArranged(`needs limitation.${name} in NIP-11`);
    if (limit > atMost)
      throw new NotArranged(`needs limitation.${name} of ${atMost} or less; it is ${limit}`);
    return limit;
  }

  /** The same that the relay states, if it does. */
  stated(name: string): number | undefined {
    return statedLimit(this.subject, name);
  }

  settle(): Promise<void> {
    return sleep(settleMs(this.subject));
  }

  /** What follows asks for more than this scene's own events, or breaks rules on purpose: not for the judge. */
  unjudged(): void {
    this.#witness.dismiss();
  }

  async end(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.disconnect()));
  }

  #nowS(): number {
    return Math.floor(this.subject.surroundings.wallClockMs() / 1000);
  }
}

export interface AuthDraft {
  readonly key?: SigningKey;
  readonly relay?: string;
  readonly kind?: number;
  /** Seconds from now. */
  readonly at?: number;
}

/** Throws {@link Broken} unless `holds`. */
export function demand(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Broken(otherwise);
}

/** What a crossing of messages brings about is tried so often at once. */
const AT_ONCE = 10;

/** Does something ten times without a pause, or as often as the relay lets subscriptions be open. */
export function severalAtOnce<Result>(scene: Scene, act: () => Result): readonly Result[] {
  const times = Math.min(AT_ONCE, (scene.stated('max_subscriptions') ?? AT_ONCE + 1) - 1);
  return Array.from({ length: Math.max(1, times) }, act);
}
