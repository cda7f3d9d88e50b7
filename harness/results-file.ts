import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { InputError, type InputProblem } from './errors.js';
import { RESULTS_SCHEMA, type Results, resultsSchema } from './results.js';

/** Of a file that is no results file, so many deviations are named. */
const PROBLEMS_SHOWN = 5;

/**
 * Reads a results.json that was saved.
 * @throws {InputError} when it can't be read, was cut short, is of another schema version, or is something else
 */
export function readResultsFile(file: string): Results {
  const saved = parse(file, read(file));
  const schema = schemaOf(saved);
  if (schema !== RESULTS_SCHEMA) {
    throw new InputError([
      schema === undefined
        ? problem(file, 'not a results file: it says no schema', `a run writes one: results.json`)
        : problem(
            file,
            `the schema is ${JSON.stringify(schema)}, and this version reads ${RESULTS_SCHEMA}`,
            'use the version of reqbench that wrote it, or run the scenario again',
          ),
    ]);
  }
  const checked = resultsSchema.safeParse(saved);
  if (checked.success) return checked.data;
  const [first, ...rest] = checked.error.issues
    .slice(0, PROBLEMS_SHOWN)
    .map((issue) => problem(file, `${z.core.toDotPath(issue.path) || 'the file'}: ${issue.message}`));
  throw new InputError([first ?? problem(file, 'not a results file'), ...rest]);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new InputError([problem(file, 'no such file')]);
    if (code === 'EISDIR') {
      throw new InputError([problem(file, 'a folder, not a results file', 'name the results.json in it')]);
    }
    throw new InputError([problem(file, `can't be read (${code ?? String(error)})`)]);
  }
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const isCut = text.trim() === '' || !text.trimEnd().endsWith('}');
    throw new InputError([
      problem(
        file,
        isCut
          ? 'the file is cut short: it does not end as JSON does'
          : `not JSON: ${(error as Error).message}`,
        isCut ? 'run the scenario again; nothing was read from it' : undefined,
      ),
    ]);
  }
}

function schemaOf(saved: unknown): unknown {
  return typeof saved === 'object' && saved !== null && 'schema' in saved ? saved.schema : undefined;
}

function problem(file: string, message: string, hint?: string): InputProblem {
  return { at: { file }, message, hint };
}
