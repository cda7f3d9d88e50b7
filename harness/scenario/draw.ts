import type { Corpus } from '../corpus/corpus.js';
import type { CorpusIndex } from './corpus-index.js';
import type { FilterTemplate, TemplateValue } from './filters.js';
import { GENERATORS, type GeneratorName, type RelativeTime, type ValueGenerator } from './generators.js';
import type { PlanFilter, PlanValue } from './plan.js';
import type { RandomStream } from './random.js';

/** Who draws: everything that a generator's value can depend on. */
export interface DrawContext {
  readonly corpus: Pick<Corpus, 'identityPublicKey'>;
  readonly index: CorpusIndex;
  readonly random: RandomStream;
  readonly identity: number;
  /** Planned moment of the step, from the beginning of the run. */
  readonly atMs: number;
  /** What generators of one value have drawn in this step: `$thread` means the same one throughout it. */
  readonly drawn: Map<GeneratorName, readonly PlanValue[]>;
}

/**
 * When something planned for `atMs` happens, in whole seconds after the epoch: what a publish is dated and what
 * `$now` means. One more than the offset, hence newer than anything in the corpus.
 */
export function epochOffsetS(atMs: number): number {
  return Math.floor(atMs / 1_000) + 1;
}

/** The filter with its values drawn. Values of a list are in the order of the script. */
export function drawFilter(template: FilterTemplate, context: DrawContext): PlanFilter {
  const filter: Record<string, PlanValue | readonly PlanValue[]> = {};
  for (const [key, values] of Object.entries(template.lists)) filter[key] = drawList(values, context);
  const { since, until, limit } = template;
  if (since !== undefined) filter.since = drawTime(since, context);
  if (until !== undefined) filter.until = drawTime(until, context);
  if (limit !== undefined) filter.limit = limit;
  return filter;
}

/** The values of a filter's list with every generator replaced by what it draws, each value once. */
function drawList(values: readonly TemplateValue[], context: DrawContext): readonly PlanValue[] {
  const distinct = new Map(drawValues(values, context).map((value) => [valueKey(value), value]));
  return [...distinct.values()];
}

/** The values with every generator replaced by what it draws. */
export function drawValues(values: readonly TemplateValue[], context: DrawContext): readonly PlanValue[] {
  return values.flatMap((value) => (typeof value === 'object' ? draw(value, context) : [value]));
}

function draw({ draw: name, count }: ValueGenerator, context: DrawContext): readonly PlanValue[] {
  if (GENERATORS[name].many) return DRAWS[name](context, count);
  const before = context.drawn.get(name);
  const values = before ?? DRAWS[name](context, 1);
  context.drawn.set(name, values);
  return values;
}

function valueKey(value: PlanValue): string {
  return typeof value === 'object' ? Object.entries(value).join() : `=${value}`;
}

function drawTime(time: number | RelativeTime, { atMs }: DrawContext): PlanValue {
  if (typeof time === 'number') return time;
  return { epochPlusS: time.plusS + (time.from === 'now' ? epochOffsetS(atMs) : 0) };
}

type Draw = (context: DrawContext, count: number) => readonly PlanValue[];

const authors: Draw = ({ index, random }, count) =>
  index.authors.several(random, count).map((author) => ({ author }));
const ids: Draw = ({ index, random }, count) =>
  index.events.several(random, count).map((event) => ({ event }));
const absents: Draw = ({ random }, count) => Array.from({ length: count }, () => random.hex(32));
const hashtags: Draw = ({ index, random }, count) => index.hashtags.several(random, count);

const DRAWS: Readonly<Record<GeneratorName, Draw>> = {
  me: ({ identity }) => [{ identity }],
  author: authors,
  authors,
  follows: (context, count) => {
    const { corpus, index, identity, random } = context;
    const listed = index.follows.get(corpus.identityPublicKey(identity)) ?? [];
    const known = listed.slice(0, count).map((key) => index.authorOf.get(key) ?? key);
    const already = new Set(known.filter((author) => typeof author === 'number'));
    const others = index.authors.several(random, count - known.length, already);
    return [...known, ...others].map((author) => (typeof author === 'number' ? { author } : author));
  },
  id: ids,
  ids,
  absent: absents,
  absents,
  thread: ({ index, random }) => index.threads.several(random, 1).map((event) => ({ event })),
  hashtag: hashtags,
  hashtags,
};
