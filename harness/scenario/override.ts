import { parse } from 'yaml';
import { InputError, type SourcePosition } from '../errors.js';

/** Where a value stands in a scenario: keys and indices from the top. */
export type Path = readonly PropertyKey[];

/** A value that replaces one of the file: `--set phases.0.duration=2s`. */
export interface Override {
  readonly path: readonly string[];
  readonly value: unknown;
  /** As the user gave it. */
  readonly text: string;
  /** Where it was given. */
  readonly at: SourcePosition;
}

/**
 * Reads `key.path=value`; the value is YAML.
 * @throws {InputError} when it is neither
 */
export function parseOverride(text: string): Override {
  const equals = text.indexOf('=');
  const path = text.slice(0, equals).split('.');
  if (equals < 1 || path.includes('')) {
    throw new InputError([
      { message: `--set ${text}: no key.path=value`, hint: 'as in --set corpus.file=events.jsonl' },
    ]);
  }
  try {
    return { path, value: parse(text.slice(equals + 1)), text, at: { file: `--set ${text}` } };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError([{ message: `the value is not YAML: ${reason}`, at: { file: `--set ${text}` } }]);
  }
}

/** Of these keys an object has one: setting one takes the others away. */
const ALTERNATIVES = [
  ['generate', 'file'],
  ['constant', 'poisson', 'closed'],
];

/** The value with the override in it, and the path that it took: list entries by index. */
export function applyOverride(value: unknown, override: Override): { value: unknown; path: Path } {
  const path: PropertyKey[] = [];
  const replace = (current: unknown, [key, ...rest]: readonly string[]): unknown => {
    if (key === undefined) return override.value;
    if (Array.isArray(current)) {
      const index = indexIn(current, key, override);
      path.push(index);
      return current.with(index, replace(current[index], rest));
    }
    if (current !== undefined && (typeof current !== 'object' || current === null)) {
      throw overrideProblem(override, `nothing can be set inside ${JSON.stringify(current)}`);
    }
    path.push(key);
    const entries = Object.entries(current ?? {}).filter(([other]) => !excludes(key, other));
    const before = entries.find(([other]) => other === key)?.[1];
    return Object.fromEntries([...entries.filter(([other]) => other !== key), [key, replace(before, rest)]]);
  };
  return { value: replace(value, override.path), path };
}

function excludes(key: string, other: string): boolean {
  return key !== other && ALTERNATIVES.some((keys) => keys.includes(key) && keys.includes(other));
}

/** A place in a list: its number from 0, or the name of the entry there (phases have one). */
function indexIn(list: readonly unknown[], key: string, override: Override): number {
  const index = /^\d+$/.test(key) ? Number(key) : list.findIndex((entry) => nameOf(entry) === key);
  if (index >= 0 && index < list.length) return index;
  const names = list.map((entry, at) => nameOf(entry) ?? String(at));
  throw overrideProblem(override, `no "${key}" in that list; it has ${names.join(', ')}`);
}

function nameOf(entry: unknown): string | undefined {
  const named = typeof entry === 'object' && entry !== null && 'name' in entry ? entry.name : undefined;
  return typeof named === 'string' ? named : undefined;
}

function overrideProblem(override: Override, message: string): InputError {
  return new InputError([{ message, at: override.at }]);
}
