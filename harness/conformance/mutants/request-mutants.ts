/** Mutants that take the filters of a REQ for others, or answer one in the wrong way. */
import { matchFilters } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import { type Mutant, tampered } from './mutant.js';
import {
  answersReqs,
  answersWith,
  asksFor,
  asksForEach,
  type GivenFilter,
  remembering,
  saysInstead,
} from './rules.js';
import { eachRule } from './scene.js';

const NOWHERE = '0'.repeat(64);
const HALF_OF_MANY_AUTHORS = 500;
const HALF_OF_MANY_FILTERS = 10;

/** Takes no notice of a field. */
function ignoring(field: string) {
  return asksForEach(({ [field]: _, ...rest }) => rest);
}

function listed(filter: GivenFilter, field: string): readonly unknown[] {
  const list = filter[field];
  return Array.isArray(list) ? list : [];
}

const eose = (id: unknown) => [['EOSE', id]];

export const REQUEST_MUTANTS: readonly Mutant[] = [
  tampered(
    'eoses-dropped',
    { breaks: 'No EOSE ever comes.' },
    saysInstead('EOSE', () => []),
  ),
  tampered('ids-ignored', { breaks: '`ids` of filters are ignored.' }, ignoring('ids')),
  tampered('authors-ignored', { breaks: '`authors` of filters are ignored.' }, ignoring('authors')),
  tampered('kinds-ignored', { breaks: '`kinds` of filters are ignored.' }, ignoring('kinds')),
  tampered('tags-ignored', { breaks: '`#t` of filters is ignored.' }, ignoring('#t')),
  tampered('second-tag-ignored', { breaks: '`#y` beside `#x` is ignored.' }, ignoring('#y')),
  tampered('any-tag-value', { breaks: '`#x` is matched by a tag without that value.' }, ignoring('#x')),
  tampered(
    'first-filter-only',
    { breaks: 'Filters behind the first are ignored.' },
    asksFor((filters) => filters.slice(0, 1)),
  ),
  tampered(
    'first-tag-value-only',
    { breaks: 'Of the values of a tag filter only the first counts.' },
    asksForEach((filter) =>
      '#x' in filter ? { ...filter, '#x': listed(filter, '#x').slice(0, 1) } : filter,
    ),
  ),
  tampered(
    'since-exclusive',
    { breaks: '`since` is taken for exclusive.' },
    asksForEach((filter) =>
      typeof filter.since === 'number' ? { ...filter, since: filter.since + 1 } : filter,
    ),
  ),
  tampered(
    'until-exclusive',
    { breaks: '`until` is taken for exclusive.' },
    asksForEach((filter) =>
      typeof filter.until === 'number' ? { ...filter, until: filter.until - 1 } : filter,
    ),
  ),
  tampered(
    'range-swapped',
    { breaks: '`since` after `until` is read the other way round.' },
    asksForEach((filter) =>
      Number(filter.since) > Number(filter.until)
        ? { ...filter, since: filter.until, until: filter.since }
        : filter,
    ),
  ),
  tampered(
    'since-zero-empty',
    { breaks: '`since: 0` matches nothing.' },
    asksForEach((filter) => (filter.since === 0 ? { ...filter, ids: [NOWHERE] } : filter)),
  ),
  tampered(
    'until-zero-ignored',
    { breaks: '`until: 0` is taken for no bound.' },
    asksForEach(({ until, ...rest }) => (until === 0 || until === undefined ? rest : { ...rest, until })),
  ),
  tampered('limit-ignored', { breaks: '`limit` is ignored.' }, ignoring('limit')),
  tampered(
    'limit-of-all',
    { breaks: 'The limit of the first filter holds for all.' },
    asksFor((filters) =>
      filters.map((filter) =>
        filters[0]?.limit === undefined ? filter : { ...filter, limit: filters[0].limit },
      ),
    ),
  ),
  tampered(
    'authors-cut',
    { breaks: 'Of a thousand authors the first 500 count.' },
    asksForEach((filter) =>
      'authors' in filter
        ? { ...filter, authors: listed(filter, 'authors').slice(0, HALF_OF_MANY_AUTHORS) }
        : filter,
    ),
  ),
  tampered(
    'filters-cut',
    { breaks: 'Of twenty filters the first ten count.' },
    asksFor((filters) => filters.slice(0, HALF_OF_MANY_FILTERS)),
  ),
  tampered(
    'unknown-id-spoils',
    { breaks: 'One id that is not found makes an answer empty.' },
    answersReqs((_id, filters) => {
      const ids = filters.flatMap((filter) => listed(filter, 'ids'));
      return ids.includes(NOWHERE) && ids.length > 1;
    }, eose),
  ),
  tampered(
    'd-unindexed',
    { breaks: 'Nothing is ever found by its d tag.' },
    answersReqs(
      (_id, filters) => filters.some((filter) => typeof filter === 'object' && '#d' in filter),
      eose,
    ),
  ),
  tampered(
    'prefix-matched',
    { breaks: 'The beginning of an id is taken for the id.' },
    remembering((events) => ({
      fromClient([label, id, filter], scene) {
        if (label !== 'REQ' || typeof filter !== 'object' || filter === null) return undefined;
        const [prefix] = listed(filter as GivenFilter, 'ids');
        if (typeof prefix !== 'string' || prefix.length === NOWHERE.length) return undefined;
        const found = events.filter((event) => event.id.startsWith(prefix));
        scene.say(...found.map((event) => ['EVENT', id, event]), ['EOSE', id]);
        return [];
      },
    })),
  ),
  tampered(
    'answers-reversed',
    { breaks: 'Stored events come oldest first.' },
    answersWith((events) => events.toReversed()),
  ),
  tampered(
    'ties-reversed',
    { breaks: 'Stored events of one second come by highest id.', observed: true },
    answersWith((events) => events.toSorted(byHighestId)),
  ),
  tampered(
    'overlap-doubled',
    { breaks: 'An event that two filters match comes twice.', observed: true, relay: 'batched' },
    answersWith((events, filters) =>
      events.flatMap((event) => filters.filter((filter) => matchFilters([filter], event)).map(() => event)),
    ),
  ),
  tampered(
    'empty-list-refused',
    { breaks: 'An empty list in a filter is refused.', observed: true },
    answersReqs(
      (_id, filters) =>
        filters.some((filter) =>
          Object.values(filter ?? {}).some((one) => Array.isArray(one) && one.length === 0),
        ),
      (id) => [['CLOSED', id, 'invalid: a list is empty']],
    ),
  ),
  tampered(
    'unknown-key-ignored',
    { breaks: 'Filter keys that NIP-01 does not know are ignored.', observed: true },
    ignoring('colour'),
  ),
  tampered(
    'eose-after-refusal',
    { breaks: 'A refused REQ gets CLOSED, and then EOSE.' },
    saysInstead('CLOSED', (closed) => [closed, ['EOSE', closed[1]]]),
  ),
  tampered(
    'refusals-without-prefix',
    { breaks: 'CLOSED says why without a machine-readable prefix.' },
    saysInstead('CLOSED', ([, id]) => [['CLOSED', id, 'Sorry']]),
  ),
  tampered(
    'closed-id-burnt',
    { breaks: 'An id that was CLOSED is never answered again.' },
    eachRule(() => {
      const burnt = new Set<unknown>();
      return {
        fromRelay([label, id]) {
          if (label === 'CLOSED') burnt.add(id);
          return undefined;
        },
        fromClient: ([label, id]) => (label === 'REQ' && burnt.has(id) ? [] : undefined),
      };
    }),
  ),
];

function byHighestId(a: NostrEvent, b: NostrEvent): number {
  return b.created_at - a.created_at || (a.id < b.id ? 1 : -1);
}
