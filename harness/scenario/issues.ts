import type { z } from 'zod';
import type { InputProblem } from '../errors.js';
import { suggestion } from './nearest.js';
import type { Path } from './override.js';
import type { Source } from './source.js';

type Issue = z.core.$ZodIssue;

/** A problem, and for a missing or misspelt key the path that it is about. */
interface Finding {
  readonly problem: InputProblem;
  /** The key that isn't there. */
  readonly missing?: string;
  /** The key that was meant. */
  readonly meant?: string;
}

/** What zod found, as problems with their places in the file. */
export function problemsOf(issues: readonly Issue[], source: Source): readonly InputProblem[] {
  const findings = issues.flatMap((issue) => findingsOf(issue, [], source));
  // A key that is there under a misspelt name isn't missing as well.
  const meant = new Set(findings.map((finding) => finding.meant));
  return findings
    .filter(({ missing }) => missing === undefined || !meant.has(missing))
    .map(({ problem }) => problem);
}

function findingsOf(issue: Issue, parent: Path, source: Source): readonly Finding[] {
  const path = [...parent, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const hints = issue.message.split('\n');
      return issue.keys.map((key, index) => unknownKey(key, hints[index], path, source));
    }
    case 'invalid_union':
      return closestBranch(issue, valueAt(source.value, path)).flatMap((inner) =>
        findingsOf(inner, path, source),
      );
    case 'invalid_key':
      return issue.issues.map(({ message }) => ({ problem: { message, at: source.keyAt(path) } }));
    case 'invalid_type':
      return [typeFinding(issue.expected, path, source)];
    case 'invalid_value':
      return [{ problem: valueProblem(issue.values, path, source) }];
    default:
      return [{ problem: { message: `${subject(path)}: ${sentence(issue.message)}`, at: source.at(path) } }];
  }
}

function unknownKey(key: string, hint: string | undefined, path: Path, source: Source): Finding {
  const message = `unknown key "${key}"${placeName(path)}`;
  const meant = /^did you mean "(.*)"\?$/.exec(hint ?? '')?.[1] ?? '';
  return { problem: { message, at: source.keyAt([...path, key]), hint }, meant: [...path, meant].join('/') };
}

function typeFinding(expected: string, path: Path, source: Source): Finding {
  const value = valueAt(source.value, path);
  if (value === undefined && path.length > 0) {
    const parent = path.slice(0, -1);
    const message = `missing key "${String(path.at(-1))}"${placeName(parent)}`;
    return { problem: { message, at: source.at(parent) }, missing: path.join('/') };
  }
  const quote = expected === 'string' && typeof value === 'number';
  return {
    problem: {
      message: `${subject(path)}: expected ${typeName(expected)}, got ${describe(value)}`,
      at: source.at(path),
      hint: quote ? hintForNumber(path) : undefined,
    },
  };
}

function hintForNumber(path: Path): string {
  const key = String(path.at(-1));
  const timed = ['duration', 'wait', 'for', 'within', 'deadline'].includes(key);
  if (timed) return 'write the unit too: 500ms, 2s, 1m';
  return key === 'constant' || key === 'poisson' ? 'write it as a rate: 20/s' : 'put quotes around it';
}

function valueProblem(values: readonly unknown[], path: Path, source: Source): InputProblem {
  const value = valueAt(source.value, path);
  const known = values.map(String);
  const step = path.at(-2) === 'script' || path.at(-2) === 'do';
  return {
    message: step
      ? `unknown step ${describe(value)}`
      : `${subject(path)}: ${describe(value)} is not possible here`,
    at: source.at(path),
    hint: suggestion(String(value), known),
  };
}

/** Unions here are of different types (text, list, map), so the branch that got past the type is the one meant. */
function closestBranch(issue: Issue & { code: 'invalid_union' }, value: unknown): readonly Issue[] {
  const rank = (branch: readonly Issue[]): number =>
    Math.max(...branch.map((inner) => (inner.path.length > 0 ? 0 : rankAtRoot(inner, value))));
  return [...issue.errors].sort((a, b) => rank(a) - rank(b))[0] ?? [];
}

function rankAtRoot(issue: Issue, value: unknown): number {
  if (issue.code === 'invalid_type') return 2;
  return issue.code === 'invalid_value' && typeof value !== 'string' ? 2 : 1;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((current, key) => {
    if (typeof current !== 'object' || current === null) return undefined;
    return Object.entries(current).find(([name]) => name === String(key))?.[1];
  }, value);
}

/** The last key of a path; for a place in a list, the list's. */
function subject(path: Path): string {
  return String(path.findLast((part) => typeof part === 'string') ?? 'scenario');
}

function placeName(path: Path): string {
  const place = path.findLast((part) => typeof part === 'string');
  return place === undefined ? '' : ` in ${String(place)}`;
}

function typeName(expected: string): string {
  const names: Record<string, string> = { object: 'a map of keys', array: 'a list', int: 'a whole number' };
  return names[expected] ?? `a ${expected}`;
}

function describe(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : JSON.stringify(value);
}

function sentence(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
