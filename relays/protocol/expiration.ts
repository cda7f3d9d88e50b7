import type { NostrEvent } from './event.js';

const UNIX_TIME = /^\d{1,15}$/;

/** The Unix time at which `event` ends (NIP-40); undefined for one that stays. A value that is no time is none. */
export function expirationOf({ tags }: NostrEvent): number | undefined {
  const value = tags.find(([name]) => name === 'expiration')?.[1];
  return value !== undefined && UNIX_TIME.test(value) ? Number(value) : undefined;
}

/** Whether the time of an event is over at `nowS`. */
export function isExpired({ expiresAt }: { readonly expiresAt: number | undefined }, nowS: number): boolean {
  return expiresAt !== undefined && expiresAt <= nowS;
}
