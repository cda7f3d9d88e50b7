import type { Filter } from '../../protocol/filter.js';
import { authorRange, authorRangesOf, type IndexRange, kindRange, TIME_RANGE, tagRange } from './keys.js';

/** How a filter is answered: from these ranges of the index, and what they leave to be checked. */
export interface RangePlan {
  readonly ranges: readonly IndexRange[];
  /** Kinds that entries must have, which the index itself tells. */
  readonly kinds: ReadonlySet<number> | undefined;
  /** What only the event can tell; undefined when nothing is left. */
  readonly residual: Filter | undefined;
}

/** With more ranges than this, authors and kinds together cost more to begin than to read authors alone. */
const MAX_AUTHOR_KIND_RANGES = 1_024;

/** The index with the fewest ranges for a filter without `ids`; ranges of authors before those of tags. */
export function planRanges(filter: Filter): RangePlan {
  const { authors, kinds, tags } = filter;
  const tag = tags.reduce<Filter['tags'][number] | undefined>(
    (fewest, each) => (fewest === undefined || each.values.size < fewest.values.size ? each : fewest),
    undefined,
  );
  if (tag !== undefined && (authors === undefined || tag.values.size < authors.size)) {
    return {
      ranges: [...tag.values].map((value) => tagRange(tag.name, value)),
      kinds,
      residual: residual(
        filter.authors,
        tags.filter((each) => each !== tag),
      ),
    };
  }
  if (authors !== undefined) return authorRanges(authors, kinds, residual(undefined, tags));
  if (kinds !== undefined)
    return { ranges: [...kinds].map(kindRange), kinds: undefined, residual: undefined };
  return { ranges: [TIME_RANGE], kinds: undefined, residual: undefined };
}

function authorRanges(
  authors: ReadonlySet<string>,
  kinds: ReadonlySet<number> | undefined,
  rest: Filter | undefined,
): RangePlan {
  if (kinds === undefined || authors.size * kinds.size > MAX_AUTHOR_KIND_RANGES) {
    return { ranges: [...authors].map(authorRange), kinds, residual: rest };
  }
  const ranges: IndexRange[] = [];
  for (const kind of kinds) {
    const rangeOf = authorRangesOf(kind);
    for (const author of authors) ranges.push(rangeOf(author));
  }
  return { ranges, kinds: undefined, residual: rest };
}

function residual(authors: Filter['authors'], tags: Filter['tags']): Filter | undefined {
  if (authors === undefined && tags.length === 0) return undefined;
  return {
    ids: undefined,
    kinds: undefined,
    since: undefined,
    until: undefined,
    limit: undefined,
    authors,
    tags,
  };
}
