import { suggestion } from './nearest.js';
import { parseDurationMs } from './quantities.js';

/** What a generator's values are: they fit where values of that sort are asked for. */
export type ValueSort = 'id' | 'author' | 'hashtag';

interface GeneratorDefinition {
  readonly sort: ValueSort;
  /** Written with a count: `$authors(20)`. */
  readonly many: boolean;
  /** For the schema and the docs. */
  readonly definition: string;
}

/** Every value generator of the language. */
export const GENERATORS = {
  me: { sort: 'author', many: false, definition: "the public key of the client's own identity" },
  author: { sort: 'author', many: false, definition: 'an author, by popularity' },
  authors: { sort: 'author', many: true, definition: 'n different authors, by popularity' },
  follows: {
    sort: 'author',
    many: true,
    definition: 'the first n that $me follows (newest kind 3), filled up with popular authors',
  },
  id: {
    sort: 'id',
    many: false,
    definition: 'the id of an event in the corpus, by how often others refer to it',
  },
  ids: { sort: 'id', many: true, definition: 'n different ids of events in the corpus' },
  absent: { sort: 'id', many: false, definition: 'an id that no event has' },
  absents: { sort: 'id', many: true, definition: 'n ids that no event has' },
  thread: { sort: 'id', many: false, definition: 'the id of an event that others reply to, by replies' },
  hashtag: { sort: 'hashtag', many: false, definition: 'a hashtag, by popularity' },
  hashtags: { sort: 'hashtag', many: true, definition: 'n different hashtags, by popularity' },
} as const satisfies Record<string, GeneratorDefinition>;

export type GeneratorName = keyof typeof GENERATORS;

/** A value, or `count` values, to be drawn when the plan is made. */
export interface ValueGenerator {
  readonly draw: GeneratorName;
  readonly count: number;
}

/** A time relative to the corpus epoch, or to the planned moment of the step. */
export interface RelativeTime {
  readonly from: 'epoch' | 'now';
  readonly plusS: number;
}

/** A parsed text: what it stands for, or what is wrong with it. */
export type Parsed<Value> = { readonly value: Value } | { readonly problem: string };

const CALL = /^\$([a-zA-Z]+)(?:\((\d+)\))?$/;
const TIME = /^\$(epoch|now)(?:([+-])(\d.*))?$/;
const MAX_COUNT = 10_000;

function isGeneratorName(name: string): name is GeneratorName {
  return Object.hasOwn(GENERATORS, name);
}

/** How a generator is written, for hints: `$authors(n)`. */
export function generatorForms(sort?: ValueSort): readonly string[] {
  return Object.entries(GENERATORS)
    .filter(([, { sort: its }]) => sort === undefined || its === sort)
    .map(([name, { many }]) => (many ? `$${name}(n)` : `$${name}`));
}

/** Reads `$name` or `$name(n)`; `sort` is what the place asks for, undefined where any will do. */
export function parseGenerator(text: string, sort: ValueSort | undefined): Parsed<ValueGenerator> {
  const [, name = '', count] = CALL.exec(text) ?? [];
  if (!isGeneratorName(name)) {
    return { problem: `unknown generator "${text}"; ${suggestion(text.replace(/\(.*$/, ''), forms(sort))}` };
  }
  const { many, sort: gives } = GENERATORS[name];
  if (sort !== undefined && gives !== sort) {
    return { problem: `${text} gives a value of another sort; what fits here: ${forms(sort).join(', ')}` };
  }
  if (many !== (count !== undefined)) {
    return { problem: many ? `$${name} needs a count, as in $${name}(10)` : `$${name} takes no count` };
  }
  if (count !== undefined && !(Number(count) >= 1 && Number(count) <= MAX_COUNT)) {
    return { problem: `the count of ${text} must be from 1 to ${MAX_COUNT}` };
  }
  return { value: { draw: name, count: Number(count ?? 1) } };
}

function forms(sort: ValueSort | undefined): readonly string[] {
  return generatorForms(sort).map((form) => form.replace('(n)', ''));
}

/** Reads `$epoch`, `$epoch-7d`, `$epoch+1h`, `$now`. */
export function parseTime(text: string): Parsed<RelativeTime> {
  const [, from, sign, offset] = TIME.exec(text) ?? [];
  const offsetMs = offset === undefined ? 0 : parseDurationMs(offset);
  if ((from !== 'epoch' && from !== 'now') || offsetMs === undefined) {
    return { problem: `"${text}" is no time; write unix seconds, $epoch, $epoch-7d, $epoch+1h or $now` };
  }
  if (offsetMs % 1_000 !== 0) return { problem: `"${text}": times are whole seconds` };
  return { value: { from, plusS: (sign === '-' ? -offsetMs : offsetMs) / 1_000 } };
}
