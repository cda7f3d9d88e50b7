import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { NostrEvent } from 'nostr-tools/pure';
import { InputError, type InputProblem } from '../errors.js';
import { assembleCorpus, idsOf } from './assemble.js';
import {
  corpusCacheDir,
  jsonlBytes,
  linesFile,
  loadSeal,
  sha256Of,
  storeSeal,
  writeAtomically,
} from './cache.js';
import type { Corpus } from './corpus.js';
import { fingerprintOf } from './fingerprint.js';
import { type BadLine, columnOf, readLine, signatureProblem } from './import-line.js';
import { fileLines } from './lines.js';
import type { Progress } from './sign-drafts.js';

export interface ImportOptions {
  /** Gives the identities their keys. */
  readonly seed: number;
  /** Default: {@link corpusCacheDir}. */
  readonly cacheDir?: string | undefined;
  /** Called while signatures are checked; not at all when the cache knows the file. */
  readonly onProgress?: Progress | undefined;
}

interface CorpusLine {
  readonly line: number;
  readonly text: string;
  readonly event: NostrEvent;
}

const SHOWN_PROBLEMS = 20;
/** Checking a signature is 0.25 ms; after so many, timers and signals get their turn. */
const EVENTS_PER_TURN = 50;

/**
 * A corpus from a JSONL file of events. Byte order mark, CRLF and blank lines are tolerated; each event keeps its
 * exact text. Events are sorted by `created_at`, those of one second stay in the order of the file. Ids and
 * signatures are checked once for a content; the cache remembers by the file's sha256.
 * @throws InputError when the file can't be read, holds no event, or for each bad line (the first 20 in full)
 */
export async function importCorpus(file: string, options: ImportOptions): Promise<Corpus> {
  const cacheDir = options.cacheDir ?? corpusCacheDir();
  const bytes = await readInput(file);
  const key = `import-v1-${sha256Of(bytes)}`;
  const { good, bad } = readLines(bytes);
  const fingerprint = fingerprintOf(idsOf(good.map(({ event }) => event)));
  const isVerified = (await loadSeal(cacheDir, key))?.fingerprint === fingerprint;
  const refused = isVerified ? [] : await findBadSignatures(good, options.onProgress);
  failOnBadLines(file, [...bad, ...refused]);

  const sorted = good.toSorted((a, b) => a.event.created_at - b.event.created_at);
  const newest = sorted.at(-1);
  if (newest === undefined) throw new InputError([{ message: 'no events', at: { file } }]);
  const lines = sorted.map(({ text }) => text);
  const corpusFile = await provideFile(file, bytes, lines, linesFile(cacheDir, key));
  if (!isVerified) await storeSeal(cacheDir, key, { sha256: sha256Of(bytes), fingerprint });
  const events = sorted.map(({ event }) => event);
  return assembleCorpus({
    file: corpusFile,
    events,
    lines,
    epochS: newest.event.created_at,
    keys: { seed: options.seed },
  });
}

function readLines(bytes: Buffer): {
  readonly good: readonly CorpusLine[];
  readonly bad: readonly BadLine[];
} {
  const good: CorpusLine[] = [];
  const bad: BadLine[] = [];
  const lineOfId = new Map<string, number>();
  for (const fileLine of fileLines(bytes)) {
    const read = readLine(fileLine);
    if (!('event' in read)) {
      bad.push(read);
      continue;
    }
    const { line, text, event } = read;
    const first = lineOfId.get(event.id);
    if (first === undefined) {
      lineOfId.set(event.id, line);
      good.push(read);
    } else {
      bad.push({ line, column: columnOf(text, 'id'), problem: `duplicate id, first on line ${first}` });
    }
  }
  return { good, bad };
}

async function findBadSignatures(
  lines: readonly CorpusLine[],
  onProgress?: Progress,
): Promise<readonly BadLine[]> {
  const bad: BadLine[] = [];
  for (const [index, { line, text, event }] of lines.entries()) {
    const problem = signatureProblem(line, text, event);
    if (problem) bad.push(problem);
    if ((index + 1) % EVENTS_PER_TURN === 0) {
      onProgress?.(index + 1, lines.length);
      await nextTurn();
    }
  }
  onProgress?.(lines.length, lines.length);
  return bad;
}

function failOnBadLines(file: string, bad: readonly BadLine[]): void {
  const problems = bad
    .toSorted((a, b) => a.line - b.line)
    .map(
      ({ line, column, problem, hint }): InputProblem => ({
        message: problem,
        at: { file, line, column },
        hint,
      }),
    );
  const [first, ...others] = problems.slice(0, SHOWN_PROBLEMS);
  if (first === undefined) return;
  const more = problems.length - SHOWN_PROBLEMS;
  if (more > 0)
    others.push({ message: `and ${more} more bad ${more === 1 ? 'line' : 'lines'}`, at: { file } });
  throw new InputError([first, ...others]);
}

/** The given file when its lines are the corpus as it is; else a copy that holds just that. */
async function provideFile(
  file: string,
  given: Buffer,
  lines: readonly string[],
  copy: string,
): Promise<string> {
  const wanted = jsonlBytes(lines);
  const sameButLastLineEnd = given.length === wanted.length - 1 && given.equals(wanted.subarray(0, -1));
  if (given.equals(wanted) || sameButLastLineEnd) return resolve(file);
  await writeAtomically(copy, wanted);
  return copy;
}

async function readInput(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    throw new InputError([
      { message: READ_PROBLEMS[String(code)] ?? `can't be read (${code})`, at: { file } },
    ]);
  }
}

const READ_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'a folder, not a file of events',
  EACCES: 'no permission to read it',
};
