import type { AccessMode } from '../relay.js';

/** Who asks, as far as NIP-42 says. */
export interface Reader {
  /** Every public key that this connection has authenticated. */
  readonly pubkeys: ReadonlySet<string>;
}

/**
 * Who may see and write what. One module for both strategies: they differ in *when* they ask, never in what is
 * answered. Each question returns the refusal as it is sent, with its prefix, or undefined.
 */
export interface AccessPolicy {
  /** True when a client gets nowhere without AUTH: a strategy may challenge it as soon as it connects. */
  readonly needsAuth: boolean;
  refusalToRead(reader: Reader): string | undefined;
  refusalToWrite(reader: Reader): string | undefined;
}

/** The policy that an access mode declares. */
export function accessPolicy(mode: AccessMode): AccessPolicy {
  return mode === 'auth-required' ? authRequired : open;
}

const open: AccessPolicy = {
  needsAuth: false,
  refusalToRead: () => undefined,
  refusalToWrite: () => undefined,
};

const authRequired: AccessPolicy = {
  needsAuth: true,
  refusalToRead: (reader) =>
    reader.pubkeys.size > 0 ? undefined : 'auth-required: this relay serves authenticated clients only',
  refusalToWrite: (reader) =>
    reader.pubkeys.size > 0
      ? undefined
      : 'auth-required: this relay takes events from authenticated clients only',
};

/** Whether a refusal says that AUTH would help: then the client must have been given a challenge (NIP-42). */
export function asksForAuth(refusal: string): boolean {
  return refusal.startsWith('auth-required:');
}
