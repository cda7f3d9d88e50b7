/** What a relay is started with, so that probes can put their questions to it. */
import { join } from 'node:path';
import type { AccessMode, RelaySettingsInput } from '../../../relays/relay.js';
import { publicKeyOf } from '../../corpus/keys.js';
import type { SigningKey } from '../../corpus/signature.js';
import { PACKAGE_ROOT } from '../../package.js';

export type StageName =
  | 'open'
  | 'auth-required'
  | 'follows'
  | 'managed'
  | 'gate'
  | 'sync'
  | 'cached'
  | 'cached-private'
  | 'queued'
  | 'narrow'
  | 'two-sources'
  | 'fragile';

export interface Stage {
  readonly settings: RelaySettingsInput;
  /** The access mode that the suite is told; undefined: that of the settings. */
  readonly declared?: AccessMode;
  readonly allowedKeys: readonly SigningKey[];
  readonly servedKinds?: readonly number[];
  /** A strategy that takes the place of the relay's own. */
  readonly module?: string;
}

/** Small enough that a probe can reach them; no probe that is about something else does. */
const LIMITS = { maxLimit: 60, maxSubscriptions: 40, maxFilters: 30, maxEventTags: 120 };
const KEYS = ['1', '2'].map((digit): SigningKey => {
  const secretKey = digit.repeat(64);
  return { secretKey, publicKey: publicKeyOf(secretKey) };
});
const WRITERS = { write: KEYS.map(({ publicKey }) => publicKey) };
const A_MINUTE_MS = 60_000;
const NOTE = 1;
const FAILING_KIND = 39_999;

/** A strategy that was made for the self-test, of the reference relay's own parts. */
function module(name: string): string {
  return join(PACKAGE_ROOT, 'dist', 'relays', 'self-test', `${name}.js`);
}

export const STAGES: Readonly<Record<StageName, Stage>> = {
  open: {
    settings: { completenessHints: true, limits: LIMITS, source: { failKinds: [FAILING_KIND] } },
    allowedKeys: [],
  },
  'auth-required': { settings: { access: 'auth-required' }, allowedKeys: [] },
  follows: { settings: { access: 'follows', members: WRITERS }, allowedKeys: KEYS },
  managed: { settings: { access: 'managed', members: WRITERS }, allowedKeys: KEYS },
  // The relay serves everybody; a proxy in front of it asks for AUTH.
  gate: { settings: {}, declared: 'auth-required', allowedKeys: [] },
  // A proxy in front of it speaks NIP-77.
  sync: { settings: {}, allowedKeys: [] },
  cached: { settings: { batched: { cacheTtlMs: A_MINUTE_MS } }, allowedKeys: [] },
  'cached-private': {
    settings: { access: 'follows', members: WRITERS, batched: { cacheTtlMs: A_MINUTE_MS } },
    allowedKeys: KEYS,
  },
  // Queries take time, so that messages wait in line.
  queued: { settings: { source: { serviceTimeMs: 2 } }, allowedKeys: [] },
  narrow: { settings: {}, servedKinds: [NOTE], allowedKeys: [], module: module('notes-alone') },
  'two-sources': { settings: {}, allowedKeys: [], module: module('two-sources') },
  fragile: {
    settings: { limits: { maxMessageBytes: 2_000_000 } },
    allowedKeys: [],
    module: module('fragile'),
  },
};
