import { z } from 'zod';
import type { RelativeTime, ValueGenerator, ValueSort } from './generators.js';
import { GENERATORS, generatorForms, type Parsed, parseGenerator, parseTime } from './generators.js';
import { strict } from './strict.js';

/** One or several values in a list of a filter, or in a tag. */
export type TemplateValue = string | number | ValueGenerator;

/** A filter as a script writes it, with its values still to be drawn. */
export interface FilterTemplate {
  /** `ids`, `authors`, `kinds` and tag lists (`#e`), by key. */
  readonly lists: Readonly<Record<string, readonly TemplateValue[]>>;
  readonly since?: number | RelativeTime | undefined;
  readonly until?: number | RelativeTime | undefined;
  readonly limit?: number | undefined;
}

const HEX64 = /^[0-9a-f]{64}$/;
const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const SORT_OF_TAG: Readonly<Record<string, ValueSort>> = { '#e': 'id', '#p': 'author', '#t': 'hashtag' };
const MAX_UNIX_S = 2 ** 40;

function parseValue(text: string, sort: ValueSort | undefined): Parsed<TemplateValue> {
  if (text.startsWith('$$')) return { value: text.slice(1) };
  if (text.startsWith('$')) return parseGenerator(text, sort);
  if ((sort === 'id' || sort === 'author') && !HEX64.test(text)) {
    const forms = generatorForms(sort).join(', ');
    return { problem: `"${text}" is neither 64 lower-case hex digits nor one of ${forms}` };
  }
  return { value: text };
}

/** A string that is parsed; `path` is where the problem is shown, relative to the value. */
export function parsedString<Value>(parse: (text: string) => Parsed<Value>) {
  return z.string().transform((text, context): Value => {
    const parsed = parse(text);
    if ('value' in parsed) return parsed.value;
    context.issues.push({ code: 'custom', input: text, message: parsed.problem });
    return z.NEVER;
  });
}

function values(sort: ValueSort | undefined, description: string) {
  const value = parsedString((text) => parseValue(text, sort));
  const example = generatorForms(sort).join(', ');
  return z
    .union([value, z.array(value).min(1)])
    .transform((given) => (Array.isArray(given) ? given : [given]))
    .optional()
    .describe(`${description} A list, one value, or a generator: ${example}.`);
}

const kind = z.int().min(0).max(65_535);

const time = z.union([z.int().min(0).max(MAX_UNIX_S), parsedString(parseTime)]).optional();

const FILTER_FIELDS = {
  ids: values('id', 'Ids of events.'),
  authors: values('author', 'Public keys of authors.'),
  kinds: z
    .union([kind, z.array(kind).min(1)])
    .transform((given) => (Array.isArray(given) ? given : [given]))
    .optional()
    .describe('Event kinds: a list, or one.'),
  since: time.describe('Not older than: unix seconds, $epoch, $epoch-7d, $now (the step is due).'),
  until: time.describe('Not newer than: unix seconds, $epoch, $epoch+1h, $now.'),
  limit: z
    .int()
    .min(0)
    .optional()
    .describe('At most this many stored events. Keep it at or under 100 unless the cap is the question.'),
};

type TagField = ReturnType<typeof values>;

const TAG_FIELDS: Readonly<Record<`#${string}`, TagField>> = Object.fromEntries(
  LETTERS.map((letter) => {
    const key = `#${letter}`;
    return [key, values(SORT_OF_TAG[key], `Values of "${letter}" tags.`)];
  }),
);

/** A NIP-01 filter; any key that isn't one is refused. */
export const filterSchema = strict({ ...FILTER_FIELDS, ...TAG_FIELDS }, [
  ...Object.keys(FILTER_FIELDS),
  '#e',
  '#p',
  '#t',
])
  .transform(({ since, until, limit, ...lists }): FilterTemplate => {
    const given = Object.entries(lists).filter((entry): entry is [string, TemplateValue[]] => {
      return entry[1] !== undefined;
    });
    return { lists: Object.fromEntries(given), since, until, limit };
  })
  .describe("A NIP-01 filter. Tag keys need quotes in YAML: '#t'.");

/** One tag of a published event: its name, then values. A generator gives exactly one. */
export const tagSchema = z
  .array(
    parsedString((text): Parsed<TemplateValue> => {
      const parsed = parseValue(text, undefined);
      const many =
        'value' in parsed && typeof parsed.value === 'object' && GENERATORS[parsed.value.draw].many;
      return many ? { problem: `${text}: a place in a tag takes one value, such as $author or $id` } : parsed;
    }),
  )
  .min(1)
  .describe('A tag: its name, then its values, such as [e, $id].');
