/**
 * Whether a stored answer is right, as a pure function of what the harness knew (conformance.md, "Answers"):
 * several workers' knowledge can be merged before it is asked.
 */

/**
 * How surely an event was in the store while a REQ was answered. `certain`: accepted before the REQ and not
 * replaced. `superseded`: a newer version was accepted before. `either`: everything else.
 */
export type Standing = 'certain' | 'either' | 'superseded';

export interface Candidate {
  /** Number in `KnownEvents`. */
  readonly number: number;
  readonly createdAt: number;
  readonly standing: Standing;
}

/** What one filter can be answered with. */
export interface FilterExpectation {
  readonly limit: number | undefined;
  /** Matches in the order of answers: all of them, or at least as many as can matter with the limit. */
  readonly candidates: readonly Candidate[];
}

/** An event of a stored answer; of one that came twice, the first. */
export interface ReceivedEvent extends Candidate {
  /** Accepted so long before the REQ that it can't be a late live delivery. */
  readonly settled: boolean;
  /** Indices of the filters that it matches. */
  readonly filters: readonly number[];
}

/** An event of a stored answer that is neither of the corpus nor published by the run: others wrote it. */
export interface ForeignEvent {
  readonly createdAt: number;
  /** Indices of the filters that it matches. */
  readonly filters: readonly number[];
}

/** What one filter requires and allows. */
export interface FilterBounds {
  /** Must be in the answer, newest first. */
  readonly must: readonly Candidate[];
  /** *Either* events that the limit can't exclude: they come, stored or live. */
  readonly surelyWithinLimit: readonly Candidate[];
  /** Certain events at least this new may be in the answer. */
  readonly mayFrom: number;
}

/**
 * *must* = certain matches among the n newest of all; *may* reaches down to the n-th newest of the certain ones.
 * Events in a tie with the n-th may be in or out, whatever order ties are cut in.
 * @param others `created_at` of events of others that came and match: each may have taken a place within the limit
 */
export function boundsOf(
  { limit, candidates }: FilterExpectation,
  others: readonly number[] = [],
): FilterBounds {
  const within = limit === undefined ? candidates : withinLimit(candidates, limit, others);
  return {
    must: within.filter(({ standing }) => standing === 'certain'),
    surelyWithinLimit: within.filter(({ standing }) => standing === 'either'),
    mayFrom: limit === undefined ? Number.NEGATIVE_INFINITY : oldestAllowed(candidates, limit),
  };
}

function withinLimit(
  candidates: readonly Candidate[],
  limit: number,
  others: readonly number[],
): readonly Candidate[] {
  const times = [...candidates.map(({ createdAt }) => createdAt), ...others].sort((a, b) => b - a);
  const next = times[limit];
  const newest = candidates.slice(0, limit);
  return next === undefined ? newest : newest.filter(({ createdAt }) => createdAt > next);
}

function oldestAllowed(candidates: readonly Candidate[], limit: number): number {
  if (limit === 0) return Number.POSITIVE_INFINITY;
  const certain = candidates.filter(({ standing }) => standing === 'certain');
  return certain[limit - 1]?.createdAt ?? Number.NEGATIVE_INFINITY;
}

export interface AnswerVerdict {
  /** Events that had to come and didn't, newest first within each filter. */
  readonly missing: readonly Candidate[];
  /** True when a cap of the relay's own explains all that is missing: an answer cut short at its old end. */
  readonly capped: boolean;
  /** Certain events that no filter allows: too old for its limit. */
  readonly outside: readonly ReceivedEvent[];
}

/** Compares what was received with the bounds of all filters of a REQ, in order. */
export function judgeAnswer(
  bounds: readonly FilterBounds[],
  received: readonly ReceivedEvent[],
  others: readonly ForeignEvent[] = [],
): AnswerVerdict {
  const numbers = new Set(received.map(({ number }) => number));
  const missingOf = bounds.map(({ must }) => must.filter(({ number }) => !numbers.has(number)));
  const missing = [...new Map(missingOf.flat().map((event) => [event.number, event])).values()];
  const certain = received.filter(({ standing }) => standing === 'certain');
  return {
    missing,
    capped: missing.length > 0 && isCutShort(missingOf, certain, others),
    outside: certain.filter(({ settled, filters, createdAt }) => {
      return settled && filters.every((filter) => createdAt < (bounds[filter]?.mayFrom ?? 0));
    }),
  };
}

/**
 * A cap leaves out the old end of a filter's answer: every certain event that came is, for some filter that it
 * matches, no older than the newest one missing. An answer with nothing in it is a hole, not a cap of 0; newer events of
 * others may have filled it. That one of theirs is older says nothing: it may be new, and live.
 */
function isCutShort(
  missingOf: readonly (readonly Candidate[])[],
  certain: readonly ReceivedEvent[],
  others: readonly ForeignEvent[],
): boolean {
  const cutAt = missingOf.map(([newest]) => newest?.createdAt ?? Number.NEGATIVE_INFINITY);
  const isBeforeCut = ({ filters, createdAt }: ForeignEvent): boolean =>
    filters.some((filter) => createdAt >= (cutAt[filter] ?? Number.NEGATIVE_INFINITY));
  return certain.length > 0 ? certain.every(isBeforeCut) : others.some(isBeforeCut);
}

/** Events whose order and number one filter alone answers for: certain, settled, matching exactly that filter. */
export function ownEvents(received: readonly ReceivedEvent[], filter: number): readonly ReceivedEvent[] {
  return received.filter(
    ({ standing, settled, filters }) =>
      standing === 'certain' && settled && filters.length === 1 && filters[0] === filter,
  );
}
