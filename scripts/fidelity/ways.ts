import type { ConformOptions } from '../../harness/conformance/conform.js';
import { conformSettings, withWriters } from '../../harness/conformance/conform-settings.js';
import { publicKeyOf } from '../../harness/corpus/keys.js';

export const ORIGINALS = ['khatru', 'khatru-lmdb', 'khatru-next', 'orly', 'orly-latest'] as const;
export type Original = (typeof ORIGINALS)[number];
export type Model = 'streaming' | 'batched';

/** How relays are set up to show a row. */
export interface Way {
  /** For the document. */
  readonly what: string;
  readonly originals: readonly Original[];
  /** Their entries in relays.yaml: `auth` for `khatru-auth`. Without it, those of reqbench.config.yaml. */
  readonly suffix?: string;
  /** A strategy that takes the model's place. */
  readonly module?: 'notes-alone' | 'two-sources';
  readonly given: Pick<ConformOptions, 'settings' | 'allowedKeys' | 'servedKinds'>;
}

const KHATRU = ['khatru', 'khatru-lmdb', 'khatru-next'] as const;
const KEYS = ['1', '2'].map((digit) => digit.repeat(64));

export const WAYS = {
  open: {
    what: 'as reqbench.config.yaml has them: everybody may read and write',
    originals: ORIGINALS,
    given: given(),
  },
  auth: {
    suffix: 'auth',
    what: 'khatru with hooks that refuse who has not authenticated (`-auth`); the model with access auth-required',
    originals: KHATRU,
    given: given(['access=auth-required']),
  },
  refusing: {
    suffix: 'refusing',
    what: 'khatru with a hook that refuses filters for kind 2 (`-refuse-kind 2`); the model with a like hook',
    originals: KHATRU,
    module: 'notes-alone',
    given: { ...given(), servedKinds: [1] },
  },
  hiding: {
    suffix: 'hiding',
    what: 'khatru with a hook that takes kind 2 out of filters (`-hide-kind 2`); the model with a like hook. The successor has no such hook',
    originals: ['khatru', 'khatru-lmdb'],
    module: 'notes-alone',
    given: { ...given(), servedKinds: [1] },
  },
  split: {
    suffix: 'split',
    what: 'khatru with two stores (`-split`), the model with two query functions. The successor has one',
    originals: ['khatru', 'khatru-lmdb'],
    module: 'two-sources',
    given: given(),
  },
  collecting: {
    what: 'the originals as in _open_; the model over a collecting source',
    originals: ORIGINALS,
    given: given(['source.delivery=collecting']),
  },
  queued: {
    what: 'the originals as in _open_; the model with queries that take 2 ms',
    originals: ORIGINALS,
    given: given(['source.serviceTimeMs=2']),
  },
  follows: {
    suffix: 'follows',
    what: 'orly in access mode follows with two admins, whose keys the client has; the model in mode follows with two writers',
    originals: ['orly', 'orly-latest'],
    given: given(['access=follows'], KEYS),
  },
  cached: {
    suffix: 'cached',
    what: 'orly-latest with its query cache on; the model with `cacheTtlMs`',
    originals: ['orly-latest'],
    given: given(['batched.cacheTtlMs=60000']),
  },
  'cached-follows': {
    suffix: 'cached-follows',
    what: 'both of these',
    originals: ['orly-latest'],
    given: given(['access=follows', 'batched.cacheTtlMs=60000'], KEYS),
  },
} as const satisfies Readonly<Record<string, Way>>;

export type WayName = keyof typeof WAYS;

function given(set: readonly string[] = [], keys: readonly string[] = []): Way['given'] {
  return withWriters(
    conformSettings(set),
    keys.map((secretKey) => ({ secretKey, publicKey: publicKeyOf(secretKey) })),
  );
}
