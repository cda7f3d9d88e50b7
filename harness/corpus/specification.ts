/**
 * Specification v1 of the generated corpus, in numbers; docs/corpus.md says it in words. Changing anything here,
 * or an order in which numbers are drawn, makes another corpus and therefore another version.
 */

export const CORPUS_SPECIFICATION = 'v1';

/** The specification's own date, 2026-01-01T00:00:00Z, in unix seconds. */
export const SPECIFICATION_EPOCH_S = 1_767_225_600;

export const SECONDS_PER_DAY = 86_400;

/** All `created_at` lie in this many days before the epoch. */
export const WINDOW_DAYS = 30;

/** Something to choose, with its integer weight. */
export interface Weighted<T> {
  readonly weight: number;
  readonly value: T;
}

/** Events of each kind in 1,000. */
export const KIND_SHARES: readonly Weighted<number>[] = [
  { weight: 400, value: 1 },
  { weight: 220, value: 7 },
  { weight: 70, value: 0 },
  { weight: 60, value: 6 },
  { weight: 50, value: 3 },
  { weight: 50, value: 9735 },
  { weight: 40, value: 10002 },
  { weight: 40, value: 4 },
  { weight: 25, value: 30023 },
  { weight: 25, value: 30078 },
  { weight: 20, value: 1059 },
];

/** Kinds of which a person has one, replaced by each newer version (NIP-01). */
export const LIST_KINDS = [0, 3, 10002] as const;

/** Of 100 events of a list kind, those that are the first of a person who has none; the others are new versions. */
export const FIRST_VERSION_PERCENT = 70;

/** Activity by hour of the UTC day. */
export const HOUR_WEIGHTS: readonly number[] = [
  5, 4, 3, 2, 2, 2, 3, 4, 5, 6, 7, 7, 8, 8, 9, 9, 9, 9, 10, 10, 10, 9, 8, 6,
];

/** Keys that sign zap receipts (kind 9735), as wallet services do. */
export const WALLET_SERVICES = 3;

/** An inclusive range of integers. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Length of a note's text in UTF-16 units; uniform within a class. */
export const NOTE_LENGTHS: readonly Weighted<Range>[] = [
  { weight: 15, value: { from: 10, to: 60 } },
  { weight: 27, value: { from: 61, to: 160 } },
  { weight: 38, value: { from: 161, to: 320 } },
  { weight: 15, value: { from: 321, to: 900 } },
  { weight: 5, value: { from: 901, to: 3000 } },
];

/** Length of a long-form article's text in UTF-16 units. */
export const ARTICLE_LENGTHS: readonly Weighted<Range>[] = [
  { weight: 5, value: { from: 800, to: 2500 } },
  { weight: 4, value: { from: 2501, to: 6000 } },
  { weight: 1, value: { from: 6001, to: 15000 } },
];

/** People in a first follow list, cut at what the corpus has. */
export const FOLLOW_COUNTS: readonly Weighted<Range>[] = [
  { weight: 1, value: { from: 4, to: 7 } },
  { weight: 2, value: { from: 8, to: 15 } },
  { weight: 4, value: { from: 16, to: 31 } },
  { weight: 6, value: { from: 32, to: 63 } },
  { weight: 4, value: { from: 64, to: 127 } },
  { weight: 2, value: { from: 128, to: 255 } },
  { weight: 1, value: { from: 256, to: 511 } },
];

/** Of 100 notes, those that reply. */
export const REPLY_PERCENT = 55;

/** Most `p` tags that a reply takes over from its thread. */
export const MAX_PARTICIPANTS = 10;

/** Of 100 replies, reactions, reposts and zaps, those that go where an earlier one went; the others take a recent note. */
export const FOLLOW_THE_CROWD_PERCENT = 50;

/** How far back earlier interactions are looked for. */
export const CROWD_WINDOW = 2000;

/** How far back recent notes are looked for; the d-th newest has weight 1/d. */
export const RECENT_NOTES = 1000;

/** Hashtags on a note that starts a thread, in 100. */
export const HASHTAG_PERCENT = 25;

/** Hashtags on a reply, in 100. */
export const REPLY_HASHTAG_PERCENT = 5;

export const REACTIONS: readonly Weighted<string>[] = [
  { weight: 55, value: '+' },
  { weight: 12, value: '🤙' },
  { weight: 10, value: '❤️' },
  { weight: 7, value: '🔥' },
  { weight: 6, value: '😂' },
  { weight: 5, value: '🚀' },
  { weight: 2, value: '-' },
  { weight: 2, value: '👩🏽‍🚀' },
  { weight: 1, value: ':soapbox:' },
];

/** Satoshis of a zap. */
export const ZAP_AMOUNTS: readonly Weighted<number>[] = [
  { weight: 50, value: 21 },
  { weight: 20, value: 100 },
  { weight: 12, value: 500 },
  { weight: 10, value: 1000 },
  { weight: 6, value: 5000 },
  { weight: 2, value: 21000 },
];

/** Plaintext of a direct message in blocks of 16 bytes (NIP-04 pads to them). */
export const MESSAGE_BLOCKS: readonly Weighted<Range>[] = [
  { weight: 6, value: { from: 1, to: 6 } },
  { weight: 3, value: { from: 7, to: 20 } },
  { weight: 1, value: { from: 21, to: 80 } },
];

/** Padded plaintext of a gift wrap in bytes: the lengths that NIP-44 pads a sealed message to. */
export const GIFT_WRAP_PADDED_BYTES: readonly Weighted<number>[] = [
  { weight: 4, value: 1024 },
  { weight: 3, value: 1280 },
  { weight: 2, value: 1792 },
  { weight: 1, value: 3072 },
];
