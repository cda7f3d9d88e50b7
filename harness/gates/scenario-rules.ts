import { InputError, type InputProblem, type SourcePosition } from '../errors.js';
import { type KnownNames, nameProblems } from './check.js';
import { type PlacedRule, parseGate } from './parse.js';
import { GateSyntaxError } from './scanner.js';
import { type ComparedTerm, parseComparedTerm } from './term.js';

/** A rule's text and where it stands in its file; no place: a default. */
export interface PlacedText {
  readonly text: string;
  readonly at?: SourcePosition | undefined;
}

/**
 * Reads the gates of a scenario.
 * @throws {InputError} with the place of everything that can't be read
 */
export function readGates(texts: readonly PlacedText[]): PlacedRule[] {
  return readAll(texts, ({ text, at }) => ({ rule: parseGate(text), at }));
}

/**
 * Reads what a scenario compares.
 * @throws {InputError} as {@link readGates}, and with the place of names that the run doesn't have
 */
export function readCompared(texts: readonly PlacedText[], known: KnownNames = {}): ComparedTerm[] {
  const terms = readAll(texts, ({ text, at }) => ({ term: parseComparedTerm(text), at }));
  const [first, ...others] = terms.flatMap(({ term, at }) => nameProblems(term, known, at));
  if (first) throw new InputError([first, ...others]);
  return terms.map(({ term }) => term);
}

function readAll<Read>(texts: readonly PlacedText[], read: (text: PlacedText) => Read): Read[] {
  const problems: InputProblem[] = [];
  const rules = texts.flatMap((placed) => {
    try {
      return [read(placed)];
    } catch (error) {
      if (!(error instanceof GateSyntaxError)) throw error;
      const { at } = placed;
      const place = at?.column === undefined ? at : { ...at, column: at.column + error.offset };
      problems.push({ message: error.message, at: place, hint: error.hint });
      return [];
    }
  });
  const [first, ...others] = problems;
  if (first) throw new InputError([first, ...others]);
  return rules;
}
