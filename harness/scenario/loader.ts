import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError, type InputProblem, type SourcePosition } from '../errors.js';
import { inconsistencies } from './checks.js';
import { loadProblems } from './estimate.js';
import { problemsOf } from './issues.js';
import { type Override, parseOverride } from './override.js';
import { parseSweep } from './parse-sweep.js';
import { type ParsedScenario, scenarioFileSchema } from './schema.js';
import { readSource, type Source } from './source.js';
import { overrideOf, requireSweepable, type Sweep, valueLabel } from './sweep.js';

/** A text whose own language somebody else reads, with its place; undefined place: a default. */
export interface PositionedText {
  readonly text: string;
  readonly at?: SourcePosition | undefined;
}

/** A scenario that was read, validated and completed with defaults. */
export type Scenario = Omit<ParsedScenario, 'compare' | 'gates'> & {
  readonly compare: readonly PositionedText[];
  readonly gates: readonly PositionedText[];
  /** The file it was read from. */
  readonly file: string;
};

export interface LoadOptions {
  /** `key.path=value`, each; the value is YAML. Lists are entered by index, phases also by name. */
  readonly set?: readonly string[] | undefined;
  /** What a relative corpus.file among `set` is relative to; the working directory if left out. */
  readonly cwd?: string | undefined;
}

/**
 * Reads a scenario file.
 * @throws {InputError} with file, line and column of everything that is wrong with it, or with its corpus file's name.
 */
export function loadScenario(path: string, options: LoadOptions = {}): Scenario {
  const { scenario, source } = readScenario(readText(path), path, options);
  requireCorpus(scenario, source);
  return scenario;
}

/** A scenario at one value of a sweep. */
export interface SweepPoint {
  /** The value, as reports show it. */
  readonly value: string;
  readonly scenario: Scenario;
}

/**
 * Reads a scenario at each value of its sweep, each as valid as a scenario of its own.
 * @param swept `key.path=v1,v2` of the command line, instead of the file's own sweep
 * @returns undefined where neither has one
 * @throws {InputError} as {@link loadScenario}, with the place of the value that is wrong
 */
export function loadSweep(
  path: string,
  options: LoadOptions = {},
  swept?: string,
): { readonly parameter: string; readonly points: readonly SweepPoint[] } | undefined {
  const text = readText(path);
  const { scenario: base, source } = readScenario(text, path, options);
  const sweep = swept === undefined ? ownSweep(base, source) : parseSweep(swept);
  if (!sweep) return undefined;
  requireSweepable(sweep, Object.keys(base.clients));
  const points = sweep.values.map((one): SweepPoint => {
    const at = readScenario(text, path, options, [overrideOf(sweep, one)]);
    requireCorpus(at.scenario, at.source);
    return { value: one.label, scenario: at.scenario };
  });
  return { parameter: sweep.set, points };
}

function ownSweep({ sweep }: Scenario, source: Source): Sweep | undefined {
  return (
    sweep && {
      set: sweep.set,
      values: sweep.values.map((value, index) => ({
        value,
        label: valueLabel(value),
        at: source.at(['sweep', 'values', index]),
      })),
    }
  );
}

function requireCorpus({ corpus }: Scenario, source: Source): void {
  if ('file' in corpus && !existsSync(corpus.file)) {
    throw new InputError([
      {
        message: `no such corpus file: ${corpus.file}`,
        at: source.at(['corpus', 'file']),
        hint: 'give a JSONL file of signed events: --set corpus.file=PATH, or write its path here',
      },
    ]);
  }
}

/**
 * A scenario from the text of its file; touches nothing else.
 * @throws {InputError} as {@link loadScenario}
 */
export function parseScenario(text: string, path: string, options: LoadOptions = {}): Scenario {
  return readScenario(text, path, options).scenario;
}

const BEGIN = 'docs/scenarios.md has one to begin with; reqbench list names the packaged ones';

function readScenario(
  text: string,
  path: string,
  options: LoadOptions,
  last: readonly Override[] = [],
): { scenario: Scenario; source: Source } {
  const source = readSource(text, path, [...(options.set ?? []).map((one) => parseOverride(one)), ...last]);
  if (source.isEmpty)
    throw new InputError([{ message: 'the scenario is empty', at: { file: path }, hint: BEGIN }]);
  const result = scenarioFileSchema.safeParse(source.value);
  if (!result.success) throw inputError(problemsOf(result.error.issues, source));
  const parsed = result.data;
  const problems = [...inconsistencies(parsed, source), ...loadProblems(parsed, source)];
  if (problems.length > 0) throw inputError(problems);
  return { scenario: complete(parsed, source, path, options), source };
}

function complete(parsed: ParsedScenario, source: Source, path: string, options: LoadOptions): Scenario {
  const { corpus } = parsed;
  const base = source.overridden(['corpus', 'file'])
    ? (options.cwd ?? process.cwd())
    : dirname(resolve(path));
  return {
    ...parsed,
    corpus: 'file' in corpus ? { ...corpus, file: resolve(base, corpus.file) } : corpus,
    compare: positioned(parsed.compare, 'compare', source),
    gates: positioned(parsed.gates, 'gates', source),
    file: path,
  };
}

function positioned(
  texts: readonly string[],
  key: 'compare' | 'gates',
  source: Source,
): readonly PositionedText[] {
  const given = typeof source.value === 'object' && source.value !== null && key in source.value;
  return texts.map((text, index) => ({ text, at: given ? source.at([key, index]) : undefined }));
}

function inputError(problems: readonly InputProblem[]): InputError {
  const inOrder = [...problems].sort(
    (a, b) => (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0),
  );
  const [first = { message: 'the scenario is not valid' }, ...rest] = inOrder;
  return new InputError([first, ...rest]);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message: reason } = error as NodeJS.ErrnoException;
    if (code === 'EISDIR') {
      throw new InputError([
        { message: 'a folder, not a scenario', at: { file: path }, hint: 'name a file in it' },
      ]);
    }
    throw new InputError([{ message: `can't read the scenario: ${reason}`, at: { file: path } }]);
  }
}
