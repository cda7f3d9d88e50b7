import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import { andThen, type MaybePromise, rescued } from '../hooks/maybe-promise.js';
import type { RelaySettings } from '../relay.js';
import type { Strategy } from '../strategy.js';

/**
 * Why clients are turned away: an address list, a hook of the strategy, all connections taken, or all of one address; or they
 * sent no request and gave way to others.
 */
export const REFUSED_FOR = ['list', 'hook', 'full', 'address', 'waiting'] as const;

export type RefusedFor = (typeof REFUSED_FOR)[number];

/** How a client is turned away before the upgrade. */
export interface Refusal {
  /** Of the HTTP answer. */
  readonly status: string;
  /** Its body; empty: none. */
  readonly reason: string;
}

const STATUS = {
  list: '403 Forbidden',
  hook: '429 Too Many Requests',
  full: '503 Service Unavailable',
  address: '429 Too Many Requests',
} as const satisfies Record<Exclude<RefusedFor, 'waiting'>, string>;

/** Decides who may connect, and keeps count of who is in and who was turned away. */
export class Door {
  readonly #strategy: Strategy;
  readonly #settings: RelaySettings;
  readonly #inside = new Map<string, number>();
  readonly #turnedAway: Record<RefusedFor, number> = { list: 0, hook: 0, full: 0, address: 0, waiting: 0 };
  #insideAll = 0;

  constructor(strategy: Strategy, settings: RelaySettings) {
    this.#strategy = strategy;
    this.#settings = settings;
  }

  /** Clients that were turned away since the start. */
  turnedAway(why: RefusedFor): number {
    return this.#turnedAway[why];
  }

  /** The address lists first, then the strategy's hook. */
  refusal(request: IncomingMessage, address: string): MaybePromise<Refusal | undefined> {
    if (this.#strategy.admits?.(address, this.#settings) === false) return this.#refuse('list', '');
    const refused = rescued(
      () => this.#strategy.refusalToConnect?.(request),
      () => 'error: it could not be decided whether to let you in',
    );
    return andThen(refused, (reason) => (reason === undefined ? undefined : this.#refuse('hook', reason)));
  }

  /** The bounds, at this moment: they hold if {@link enter} follows at once. */
  refusalForWantOfRoom(address: string): Refusal | undefined {
    const { maxConnections, maxConnectionsPerAddress } = this.#settings.limits;
    if (isReached(maxConnections, this.#insideAll)) {
      return this.#refuse('full', `rate-limited: ${maxConnections} clients are connected`);
    }
    // A proxy on this machine brings everybody by one address.
    if (isLoopback(address)) return undefined;
    return isReached(maxConnectionsPerAddress, this.#inside.get(placeOf(address)) ?? 0)
      ? this.#refuse('address', `rate-limited: ${maxConnectionsPerAddress} connections from this address`)
      : undefined;
  }

  /** One that is no client yet was closed, to make room. */
  gaveWay(): void {
    this.#turnedAway.waiting += 1;
  }

  enter(address: string): void {
    const place = placeOf(address);
    this.#insideAll += 1;
    this.#inside.set(place, (this.#inside.get(place) ?? 0) + 1);
  }

  leave(address: string): void {
    const place = placeOf(address);
    const left = (this.#inside.get(place) ?? 1) - 1;
    this.#insideAll -= 1;
    if (left === 0) this.#inside.delete(place);
    else this.#inside.set(place, left);
  }

  #refuse(why: keyof typeof STATUS, reason: string): Refusal {
    this.#turnedAway[why] += 1;
    return { status: STATUS[why], reason };
  }
}

/** 0 bounds nothing. */
function isReached(bound: number, count: number): boolean {
  return bound > 0 && count >= bound;
}

/** How a socket that takes both IP versions writes an IPv4 address. */
const MAPPED_IPV4 = '::ffff:';

/** The 16-bit groups of an IPv6 address that name a network; one client has all addresses in it (RFC 6177). */
const NETWORK_GROUPS = 4;

/** Under what a client counts: its IPv4 address, or the first 64 bits of its IPv6 address. */
export function placeOf(address: string): string {
  const plain = address.startsWith(MAPPED_IPV4) ? address.slice(MAPPED_IPV4.length) : address;
  if (!isIPv6(plain)) return plain;
  const [before = '', after] = plain.split('::');
  const groups = before === '' ? [] : before.split(':');
  const zeros = after === undefined ? 0 : 8 - groups.length - (after === '' ? 0 : after.split(':').length);
  const all = [...groups, ...Array<string>(zeros).fill('0'), ...(after ?? '').split(':')];
  return all.slice(0, NETWORK_GROUPS).join(':');
}

/** Whether a client is on this machine: a proxy here brings everybody by such an address. */
export function isLoopback(address: string): boolean {
  return address === '::1' || placeOf(address).startsWith('127.');
}
