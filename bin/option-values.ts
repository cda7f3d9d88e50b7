import { Option } from 'commander';
import { InputError } from '../harness/errors.js';
import { parseDurationMs } from '../harness/scenario/quantities.js';

/** What is wrong with an option, and what to write instead. */
export function problem(message: string, hint: string): InputError {
  return new InputError([{ message, hint }]);
}

/** A parser of whole numbers from 1 up. */
export function atLeastOne(option: string): (text: string) => number {
  return integer(option, 1, Number.MAX_SAFE_INTEGER);
}

/** A parser of whole numbers. Throws {@link InputError}. */
export function integer(option: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    const range = max === Number.MAX_SAFE_INTEGER ? `from ${min} up` : `from ${min} to ${max}`;
    throw problem(`${option} ${text} is out of range`, `write a whole number ${range}`);
  };
}

/** An option that may be given several times; its value is the list of what was given. */
export function repeatable(flags: string, description: string): Option {
  return new Option(flags, description)
    .argParser((value: string, previous: readonly string[]) => [...previous, value])
    .default([], '');
}

/** A parser of durations such as `500ms`, `60s`, `2m`; gives milliseconds. Throws {@link InputError}. */
export function durationMs(option: string): (text: string) => number {
  return (text) => {
    const ms = parseDurationMs(text);
    if (ms !== undefined && ms > 0) return ms;
    throw problem(`${option} ${text} is no duration`, 'write 500ms, 60s or 2m');
  };
}

/** `--not-measurable`: what becomes of the exit code where a gate could not be measured; 4 without it. */
export function notMeasurableOption(): Option {
  return new Option('--not-measurable <result>', 'what a gate that could not be measured counts as').choices([
    'pass',
    'fail',
  ]);
}
