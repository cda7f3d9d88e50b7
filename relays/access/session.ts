import { randomBytes } from 'node:crypto';
import { andThen, type MaybePromise } from '../hooks/maybe-promise.js';
import type { NostrEvent } from '../protocol/event.js';
import { AUTH_KIND } from '../protocol/kinds.js';
import type { Reader } from './policy.js';

const CHALLENGE_BYTES = 32;
/** How far the time of an AUTH event may be from now, in seconds (NIP-42: "within ~10 minutes"). */
const AUTH_WINDOW_S = 600;

const NOBODY: ReadonlySet<string> = new Set();

/** What one connection has shown of itself by NIP-42. Never shared with another connection. */
export class Session implements Reader {
  readonly #hosts: ReadonlySet<string>;
  #pubkeys: Set<string> | undefined;
  #challenge: string | undefined;

  readonly #keepsOneKey: boolean;

  /**
   * @param hosts the hosts (with port, unless it is the scheme's own) under which the client may know this relay.
   * @param keepsOneKey the last public key that was authenticated replaces those before it (D6).
   */
  constructor(hosts: readonly string[], keepsOneKey: boolean) {
    this.#hosts = new Set(hosts.map((host) => host.toLowerCase()));
    this.#keepsOneKey = keepsOneKey;
  }

  get pubkeys(): ReadonlySet<string> {
    return this.#pubkeys ?? NOBODY;
  }

  /** True once {@link challenge} was asked for: the client has it, or will have it before what is sent next. */
  get isChallenged(): boolean {
    return this.#challenge !== undefined;
  }

  /** The challenge of this connection; it stays the same. */
  challenge(): string {
    this.#challenge ??= randomBytes(CHALLENGE_BYTES).toString('hex');
    return this.#challenge;
  }

  /**
   * Checks an AUTH event and, if it is right, adds its author to {@link pubkeys}.
   * @param forgery asked last, of an event that is right otherwise: why it isn't authentic, or undefined.
   * @returns why it was refused, with its prefix, or undefined.
   */
  authenticate(
    event: NostrEvent,
    nowS: number,
    forgery: (event: NostrEvent) => MaybePromise<string | undefined>,
  ): MaybePromise<string | undefined> {
    return andThen(this.#refusal(event, nowS) ?? forgery(event), (refusal) => {
      if (refusal === undefined) this.#admit(event.pubkey);
      return refusal;
    });
  }

  #admit(pubkey: string): void {
    if (this.#pubkeys === undefined || this.#keepsOneKey) this.#pubkeys = new Set();
    this.#pubkeys.add(pubkey);
  }

  #refusal(event: NostrEvent, nowS: number): string | undefined {
    if (event.kind !== AUTH_KIND) return `invalid: an AUTH event has kind ${AUTH_KIND}`;
    if (this.#challenge === undefined || tagValue(event, 'challenge') !== this.#challenge) {
      return 'invalid: the challenge is not the one of this connection';
    }
    if (!this.#isThisRelay(tagValue(event, 'relay'))) return 'invalid: the relay tag names another relay';
    if (Math.abs(event.created_at - nowS) > AUTH_WINDOW_S) {
      return 'invalid: created_at is more than ten minutes from now';
    }
    return undefined;
  }

  /** By host and port alone: NIP-42 asks for no more, and a proxy in front may change scheme and path. */
  #isThisRelay(url: string | undefined): boolean {
    if (url === undefined || !URL.canParse(url)) return false;
    const { protocol, host } = new URL(url);
    return (protocol === 'ws:' || protocol === 'wss:') && this.#hosts.has(host);
  }
}

function tagValue(event: NostrEvent, name: string): string | undefined {
  return event.tags.find((tag) => tag[0] === name)?.[1];
}
