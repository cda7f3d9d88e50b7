import type { Filter } from '../protocol/filter.js';

/** The filters without the ids in `delivered`, since no event comes twice; those that wait for ids only and have none left go. */
export function withoutDelivered(
  filters: readonly Filter[],
  delivered: ReadonlySet<string>,
): readonly Filter[] {
  return filters.flatMap((filter) => {
    if (filter.ids === undefined) return filter;
    const ids = new Set([...filter.ids].filter((id) => !delivered.has(id)));
    return ids.size > 0 ? { ...filter, ids } : [];
  });
}
