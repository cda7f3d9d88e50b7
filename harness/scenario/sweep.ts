import { InputError, type SourcePosition } from '../errors.js';
import { suggestion } from './nearest.js';
import type { Override } from './override.js';

/** A parameter that a run is repeated over, from a scenario or from `--sweep`. */
export interface Sweep {
  /** Key path as of `--set`. */
  readonly set: string;
  readonly values: readonly SweptValue[];
}

export interface SweptValue {
  readonly value: unknown;
  /** As reports show it. */
  readonly label: string;
  readonly at: SourcePosition;
}

export const MOST_SWEPT_VALUES = 20;

/** The override that gives the parameter one of its values. */
export function overrideOf({ set }: Sweep, { value, label, at }: SweptValue): Override {
  return { path: set.split('.'), value, text: `${set}=${label}`, at };
}

/** What a report calls a value: text as it is, anything else as JSON. */
export function valueLabel(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * Refuses a path that no value of the scenario stands at or could: client kinds have names of their own, so that
 * setting a value of an unknown one would make a kind without a script.
 * @param clients names of the client kinds
 * @throws {InputError}
 */
export function requireSweepable({ set, values }: Sweep, clients: readonly string[]): void {
  const at = values[0]?.at;
  const [root, kind = ''] = set.split('.');
  if (root === 'sweep') {
    throw new InputError([{ message: 'a sweep can’t be over itself', at, hint: 'name another value' }]);
  }
  if (root !== 'clients' || clients.includes(kind)) return;
  throw new InputError([
    { message: `no client "${kind}" to sweep over`, at, hint: suggestion(kind, clients) },
  ]);
}
