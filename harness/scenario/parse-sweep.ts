import { parse } from 'yaml';
import { InputError } from '../errors.js';
import { MOST_SWEPT_VALUES, type Sweep, valueLabel } from './sweep.js';

/**
 * Reads `key.path=v1,v2,v3`; each value is YAML.
 * @throws {InputError} when it is neither, or has fewer than two values
 */
export function parseSweep(text: string): Sweep {
  const at = { file: `--sweep ${text}` };
  const equals = text.indexOf('=');
  const set = text.slice(0, equals);
  if (equals < 1 || set.split('.').includes('')) {
    throw new InputError([
      {
        message: 'no key.path=v1,v2',
        at,
        hint: 'as in --sweep phases.steady.arrivals.closed.clients=1,10,100',
      },
    ]);
  }
  const values = listOf(text.slice(equals + 1), at);
  if (values.length < 2 || values.length > MOST_SWEPT_VALUES) {
    const message = `a sweep takes 2 to ${MOST_SWEPT_VALUES} values, not ${values.length}`;
    throw new InputError([{ message, at, hint: 'divide them by commas: limit=1,10,100' }]);
  }
  const labels = values.map(valueLabel);
  const twice = labels.find((label, index) => labels.indexOf(label) !== index);
  if (twice !== undefined) throw new InputError([{ message: `the value ${twice} comes twice`, at }]);
  return { set, values: values.map((value, index) => ({ value, label: labels[index] ?? '', at })) };
}

function listOf(text: string, at: { readonly file: string }): readonly unknown[] {
  try {
    const list: unknown = parse(`[${text}]`);
    return Array.isArray(list) ? list : [];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError([{ message: `the values are not YAML: ${reason}`, at }]);
  }
}
