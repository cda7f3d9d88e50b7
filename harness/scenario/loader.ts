import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError, type InputProblem, type SourcePosition } from '../errors.js';
import { inconsistencies } from './checks.js';
import { loadProblems } from './estimate.js';
import { problemsOf } from './issues.js';
import { parseOverride } from './override.js';
import { type ParsedScenario, scenarioFileSchema } from './schema.js';
import { readSource, type Source } from './source.js';

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
  const { corpus } = scenario;
  if ('file' in corpus && !existsSync(corpus.file)) {
    throw new InputError([
      {
        message: `no such corpus file: ${corpus.file}`,
        at: source.at(['corpus', 'file']),
        hint: 'give a JSONL file of signed events: --set corpus.file=PATH, or write its path here',
      },
    ]);
  }
  return scenario;
}

/**
 * A scenario from the text of its file; touches nothing else.
 * @throws {InputError} as {@link loadScenario}
 */
export function parseScenario(text: string, path: string, options: LoadOptions = {}): Scenario {
  return readScenario(text, path, options).scenario;
}

function readScenario(
  text: string,
  path: string,
  options: LoadOptions,
): { scenario: Scenario; source: Source } {
  const source = readSource(text, path, (options.set ?? []).map(parseOverride));
  const result = scenarioFileSchema.safeParse(source.value ?? {});
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
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError([{ message: `can't read the scenario: ${reason}`, at: { file: path } }]);
  }
}
