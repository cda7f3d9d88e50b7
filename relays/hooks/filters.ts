import type { Filter } from '../protocol/filter.js';
import type { HookClient, Refusal, RelayHooks } from './hooks.js';
import { andThen, firstAnswer, type MaybePromise, rescued, throughAll } from './maybe-promise.js';
import { failure, firstRefusal } from './refusal.js';

/** A filter that was not refused. */
export interface AdmittedFilter {
  /** What is looked up. */
  readonly stored: Filter;
  /** What is listened for. */
  readonly live: Filter;
  /** The client's own filter, unchanged: only of that can be said that everything was sent. */
  readonly isAsGiven: boolean;
}

/** What became of a REQ's filters: those up to the first refusal, and the refusal. */
export interface Examination {
  readonly admitted: readonly AdmittedFilter[];
  readonly refusal: Refusal;
}

export interface FilterRules {
  readonly hooks: Pick<RelayHooks, 'overwriteFilter' | 'rejectFilter'>;
  readonly client: HookClient;
  /** The access mode's own refusal. */
  refusalToRead(filter: Filter): Refusal;
  /** D17: a filter with limit 0 is not checked, but listens. */
  readonly skipsLimitZero: boolean;
  /** D18: overwriting holds for stored events only. */
  readonly listensAsGiven: boolean;
}

/** Overwrites and checks filters in turn, as `handleRequest` of Khatru does. Nothing is started yet. */
export function examineFilters(filters: readonly Filter[], rules: FilterRules): MaybePromise<Examination> {
  const { hooks, client, listensAsGiven } = rules;
  const admitted: AdmittedFilter[] = [];
  const overwrites = hooks.overwriteFilter.map((overwrite) => (filter: Filter) => overwrite(filter, client));
  const examine = (filter: Filter): MaybePromise<Refusal> =>
    andThen(throughAll(overwrites, filter), (stored) =>
      andThen(refusalOf(stored, rules), (refusal) => {
        if (refusal !== undefined) return refusal;
        admitted.push({ stored, live: listensAsGiven ? filter : stored, isAsGiven: stored === filter });
        return undefined;
      }),
    );
  const refusal = rescued(() => firstAnswer(filters, examine), failure);
  return andThen(refusal, (reason) => ({ admitted, refusal: reason }));
}

function refusalOf(filter: Filter, rules: FilterRules): MaybePromise<Refusal> {
  if (rules.skipsLimitZero && filter.limit === 0) return undefined;
  const refusal = rules.refusalToRead(filter);
  if (refusal !== undefined) return refusal;
  return firstRefusal(rules.hooks.rejectFilter, (reject) => reject(filter, rules.client));
}
