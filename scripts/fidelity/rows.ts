/** A row of strategies.md, and the probes that fail where a relay does what it says. */
export interface FidelityRow {
  readonly id: string;
  readonly title: string;
  /** The originals that it says it of. */
  readonly of: readonly ('khatru' | 'orly')[];
  readonly model: 'streaming' | 'batched';
  /** Switches it on in the model; undefined where the model always has it. */
  readonly deviation?: string;
  readonly checks: readonly string[];
}

/** Rows whose probe decides; one that fails shows the row. */
export const ROWS: readonly FidelityRow[] = [
  {
    id: 'D1',
    title: 'a second REQ with the same id adds instead of replacing',
    of: ['khatru'],
    model: 'streaming',
    deviation: 'D1',
    checks: ['nip01/req/same-id-replaces'],
  },
  {
    id: 'D5',
    title: 'a COUNT that is not served gets no CLOSED',
    of: ['khatru'],
    model: 'streaming',
    deviation: 'D5',
    checks: ['nip45/refused'],
  },
  {
    id: 'D7',
    title: 'what is saved between query and EOSE is lost',
    of: ['orly'],
    model: 'batched',
    deviation: 'D7',
    checks: ['race/hand-over'],
  },
  {
    id: 'D8',
    title: 'a reached limit ends the live subscription; limit 0 never goes live',
    of: ['orly'],
    model: 'batched',
    deviation: 'D8',
    checks: ['nip01/req/limit-reached', 'nip01/req/limit-zero'],
  },
  {
    id: 'D13',
    title: 'a malformed REQ gets a NOTICE without its id',
    of: ['orly'],
    model: 'batched',
    deviation: 'D13',
    checks: ['nip01/req/refused/filter-a-string', 'nip01/req/refused/since-a-string'],
  },
  {
    id: 'D19',
    title: 'a duplicate gets OK false',
    of: ['orly'],
    model: 'batched',
    deviation: 'D19',
    checks: ['nip01/event/resubmission'],
  },
  {
    id: 'D20',
    title: 'a resubmitted deleted event gets two OKs',
    of: ['orly'],
    model: 'batched',
    deviation: 'D20',
    checks: ['nip09/resubmitted-once'],
  },
  {
    id: 'D21',
    title: 'an error while verifying answers OK false and saves anyway',
    of: ['orly'],
    model: 'batched',
    deviation: 'D21',
    checks: ['nip01/event/off-curve-key'],
  },
  {
    id: 'D23',
    title: 'protected events (NIP-70) are accepted from anyone',
    of: ['orly'],
    model: 'batched',
    deviation: 'D23',
    checks: ['nip70/refused-from-nobody'],
  },
  {
    id: 'D25',
    title: 'a replacing REQ that is not kept leaves the old subscription running',
    of: ['orly'],
    model: 'batched',
    deviation: 'D25',
    checks: ['nip01/req/same-id-replaces-by-ids'],
  },
  {
    id: 'D29',
    title: 'a CLOSE can overtake its REQ: the subscription stays open',
    of: ['khatru'],
    model: 'streaming',
    deviation: 'D29',
    checks: ['nip01/live/close-at-once'],
  },
  {
    id: 'D31',
    title: 'a REQ whose filters all have ids never goes live',
    of: ['orly'],
    model: 'batched',
    deviation: 'D31',
    checks: ['nip01/req/ids-not-found'],
  },
];

/** Rows without a probe that decides, and why. */
export const NOT_SHOWN: Readonly<Record<string, string>> = {
  'D2, D17, D18':
    'need filters that a policy refuses or rewrites; relays/external/khatru has the flags, no probe asks yet',
  'D3, D4, D22, D28, D30': 'traits: a probe observes them without a verdict, or none asks',
  'D9, D10, D12, D14, D16': 'need several authenticated clients in an access mode; no probe asks yet',
  D6: 'seen in khatru (both stores) and khatru-next by nip70/second-key-adds: docs/findings.md',
  D15: 'does not show on the wire',
  D24: 'conform sets an addressable event without d aside where it gets no OK; seen as not tested; orly v0.9.3 closes the connection (docs/findings.md)',
  'D8 and D25, orly':
    'its live matching finds nothing by a tag, which the probes ask by; by author both were seen by hand (docs/findings.md)',
  'D11, D26, D27': 'of the successor of next.orly.dev alone (orly-latest); no probe asks',
};
