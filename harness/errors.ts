/** Where in a file something is wrong; line and column count from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** One thing that is wrong with what the user gave, and what to write instead. */
export interface InputProblem {
  readonly message: string;
  readonly at?: SourcePosition | undefined;
  readonly hint?: string | undefined;
}

/** Bad usage, scenario or file: exit code 2. Carries every problem that was found, not just the first. */
export class InputError extends Error {
  override readonly name = 'InputError';
  constructor(readonly problems: readonly [InputProblem, ...InputProblem[]]) {
    super(problems.map(formatProblem).join('\n'));
  }
}

/** `file:line:column: message` and the hint on a line of its own. */
export function formatProblem(problem: InputProblem): string {
  const { at, message, hint } = problem;
  const place = at ? [at.file, at.line, at.column].filter((part) => part !== undefined).join(':') : '';
  return `${place ? `${place}: ` : ''}${message}${hint ? `\n  ${hint}` : ''}`;
}
