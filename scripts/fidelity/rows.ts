import type { DeviationId } from '../../relays/relay.js';
import type { Model, Original, WayName } from './ways.js';

/** A row of strategies.md, and what fails, or is observed, where a relay does what it says. */
export interface FidelityRow {
  readonly id: string;
  readonly title: string;
  /** The originals that it says it of: those of which strategies.md has it. */
  readonly of: readonly Original[];
  readonly model: Model;
  /** What switches it on in the model: itself, and what it needs to show. None: the model always has it. */
  readonly deviations: readonly DeviationId[];
  /** Probes of `conform`, or of traits.ts. */
  readonly checks: readonly [string, ...string[]];
  readonly way?: WayName;
  /** Where this row is seen, the same probes fail for its sake. */
  readonly hiddenBy?: string;
}

const KHATRU = ['khatru', 'khatru-lmdb', 'khatru-next'] as const;
const BOTH_KHATRU = ['khatru', 'khatru-lmdb'] as const;
const BOTH_ORLY = ['orly', 'orly-latest'] as const;

const MALFORMED = [
  'nip45/refused',
  'nip01/req/refused/filter-a-string',
  'nip01/req/refused/filter-null',
  'nip01/req/refused/since-a-string',
  'nip01/req/refused/short-id',
] as const;

export const ROWS: readonly FidelityRow[] = [
  {
    id: 'D1',
    title: 'a second REQ with the same id adds instead of replacing',
    of: KHATRU,
    model: 'streaming',
    deviations: ['D1'],
    checks: ['nip01/req/same-id-replaces'],
  },
  {
    id: 'D2',
    title: 'filters before the rejected one keep running and listening',
    of: KHATRU,
    model: 'streaming',
    deviations: ['D2'],
    checks: ['access/served-kinds/refused-last'],
    way: 'refusing',
  },
  {
    id: 'D3',
    title: 'an event that two filters match is sent twice',
    of: [...KHATRU, 'orly'],
    model: 'streaming',
    deviations: [],
    checks: ['trait/twice-for-two-filters'],
  },
  {
    id: 'D4',
    title: 'events of different filters interleave',
    of: BOTH_KHATRU,
    model: 'streaming',
    deviations: [],
    checks: ['trait/filters-interleave'],
  },
  {
    id: 'D5',
    title: 'a rejected COUNT gets a NOTICE and a count of 0',
    of: KHATRU,
    model: 'streaming',
    deviations: ['D5'],
    checks: ['nip45/refused-without-auth'],
    way: 'auth',
  },
  {
    id: 'D6',
    title: 'only the last authenticated key counts',
    of: KHATRU,
    model: 'streaming',
    deviations: ['D6'],
    checks: ['nip70/second-key-adds'],
    way: 'auth',
  },
  {
    id: 'D6',
    title: 'only the last authenticated key counts',
    of: BOTH_ORLY,
    model: 'batched',
    deviations: ['D6'],
    checks: ['nip70/second-key-adds'],
    way: 'follows',
  },
  {
    id: 'D7',
    title: 'what is saved between query and EOSE is lost',
    of: ['khatru-next'],
    model: 'streaming',
    deviations: ['D7'],
    checks: ['race/during-answer', 'race/hand-over'],
  },
  {
    id: 'D7',
    title: 'what is saved between query and EOSE is lost',
    of: BOTH_ORLY,
    model: 'batched',
    deviations: ['D7'],
    checks: ['race/during-answer', 'race/hand-over'],
  },
  {
    id: 'D8',
    title: 'a reached limit ends the live subscription; limit 0 never goes live',
    of: BOTH_ORLY,
    model: 'batched',
    deviations: ['D8'],
    checks: ['nip01/req/limit-reached', 'nip01/req/limit-zero'],
  },
  {
    id: 'D9',
    title: 'an unauthenticated client gets privileged kinds',
    of: ['orly'],
    model: 'batched',
    deviations: ['D9'],
    checks: ['access/private/stored-kind', 'access/private/live-kind'],
    way: 'follows',
  },
  {
    id: 'D10',
    title: 'the private tag is not checked on live delivery',
    of: ['orly'],
    model: 'batched',
    deviations: ['D10'],
    checks: ['access/private/live-tag'],
    way: 'follows',
  },
  {
    id: 'D11',
    title: 'a cache hit is answered twice',
    of: ['orly-latest'],
    model: 'batched',
    deviations: ['D11'],
    checks: ['nip01/req/asked-again'],
    way: 'cached',
  },
  {
    id: 'D12',
    title: 'a subscription that is not kept gets no CLOSED',
    of: BOTH_ORLY,
    model: 'batched',
    deviations: ['D12', 'D8'],
    checks: ['nip01/req/ended-in-silence'],
  },
  {
    id: 'D13',
    title: 'a malformed REQ or COUNT gets a NOTICE without its id',
    of: KHATRU,
    model: 'streaming',
    deviations: ['D13'],
    checks: MALFORMED,
  },
  {
    id: 'D13',
    title: 'a malformed REQ or COUNT gets a NOTICE without its id',
    of: BOTH_ORLY,
    model: 'batched',
    deviations: ['D13'],
    checks: MALFORMED,
  },
  {
    id: 'D14',
    title: 'a later AUTH does not widen a subscription',
    of: BOTH_ORLY,
    model: 'batched',
    deviations: [],
    checks: ['trait/later-auth'],
    way: 'follows',
  },
  {
    id: 'D16',
    title: 'the challenge comes again with every REQ',
    of: BOTH_ORLY,
    model: 'batched',
    deviations: ['D16'],
    checks: ['nip42/challenge-again'],
    way: 'follows',
  },
  {
    id: 'D17',
    title: 'limit 0 skips the check, and listens',
    of: KHATRU,
    model: 'streaming',
    deviations: ['D17'],
    checks: ['access/auth-required/limit-zero'],
    way: 'auth',
  },
  {
    id: 'D18',
    title: 'an overwritten filter listens as it was given',
    of: BOTH_KHATRU,
    model: 'streaming',
    deviations: ['D18'],
    checks: ['access/served-kinds/kept'],
    way: 'hiding',
  },
  {
    id: 'D19',
    title: 'a duplicate gets OK false',
    of: BOTH_ORLY,
    model: 'batched',
    deviations: ['D19'],
    checks: ['nip01/event/resubmission'],
  },
  {
    id: 'D20',
    title: 'a resubmitted deleted event gets two OKs',
    of: ['orly'],
    model: 'batched',
    deviations: ['D20'],
    checks: ['nip09/resubmitted-once'],
  },
  {
    id: 'D21',
    title: 'an error while verifying answers OK false and saves anyway',
    of: ['orly'],
    model: 'batched',
    deviations: ['D21'],
    checks: ['nip01/event/off-curve-key'],
  },
  {
    id: 'D22',
    title: 'ephemeral events are stored',
    of: ['orly'],
    model: 'batched',
    deviations: ['D22'],
    checks: ['nip01/live/ephemeral-kept'],
  },
  {
    id: 'D23',
    title: 'protected events (NIP-70) are accepted from anyone',
    of: BOTH_ORLY,
    model: 'batched',
    deviations: ['D23'],
    checks: ['nip70/refused-from-nobody'],
  },
  {
    id: 'D24',
    title: 'an addressable event without d ends the connection, and gets no OK',
    of: ['orly'],
    model: 'batched',
    deviations: ['D24'],
    checks: ['nip01/event/addressable-without-d'],
  },
  {
    id: 'D25',
    title: 'a replacing REQ that is not kept leaves the old subscription running',
    of: BOTH_ORLY,
    model: 'batched',
    deviations: ['D25', 'D8'],
    checks: ['nip01/req/same-id-replaces-by-limit', 'nip01/req/same-id-replaces-by-ids'],
    hiddenBy: 'D1',
  },
  {
    id: 'D26',
    title: "a cache hit skips the privacy stage: one client's private answer goes to the next",
    of: ['orly-latest'],
    model: 'batched',
    deviations: ['D26'],
    checks: ['access/private/cached'],
    way: 'cached-follows',
  },
  {
    id: 'D27',
    title: 'past 100 queued messages, messages are dropped without an answer',
    of: ['orly-latest'],
    model: 'batched',
    deviations: ['D27'],
    checks: ['transport/many-at-once'],
    way: 'queued',
  },
  {
    id: 'D28',
    title: 'events and an EOSE follow a CLOSE',
    of: [...KHATRU, 'orly-latest'],
    model: 'streaming',
    deviations: [],
    checks: ['trait/after-close'],
    way: 'collecting',
  },
  {
    id: 'D29',
    title: 'a CLOSE or a replacing REQ overtakes its REQ: the subscription stays open',
    of: [...KHATRU, 'orly-latest'],
    model: 'streaming',
    deviations: ['D29'],
    checks: ['nip01/live/close-at-once'],
  },
  {
    id: 'D30',
    title: 'several sources for one filter interleave, each up to limit',
    of: BOTH_KHATRU,
    model: 'streaming',
    deviations: ['D30'],
    checks: ['nip01/req/limit-newest'],
    way: 'split',
  },
  {
    id: 'D31',
    title: 'a REQ whose filters all have ids never goes live',
    of: ['orly'],
    model: 'batched',
    deviations: ['D31'],
    checks: ['nip01/req/ids-not-found'],
  },
  {
    id: 'D32',
    title: 'a filter with a tag matches no live event',
    of: ['orly'],
    model: 'batched',
    deviations: ['D32'],
    checks: ['nip01/live/by-tag'],
  },
];

/** Rows that nothing can be asked about, and why. */
export const NOT_SHOWN: Readonly<Record<string, string>> = {
  D15: 'does not show on the wire: in the source of v0.9.3 the end of a connection removes the subscriptions of no connection (`handle-websocket.go`)',
};
