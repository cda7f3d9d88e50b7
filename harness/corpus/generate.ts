import type { NostrEvent } from 'nostr-tools/pure';
import { InputError, type InputProblem } from '../errors.js';
import { assembleCorpus, idsOf } from './assemble.js';
import { corpusCacheDir, jsonlBytes, loadSealed, storeLines, writeAtomically } from './cache.js';
import type { Corpus } from './corpus.js';
import { type CorpusSize, draftCorpus } from './drafts.js';
import { fingerprintOf } from './fingerprint.js';
import { fileLines } from './lines.js';
import { eventLine, type Progress, signDrafts } from './sign-drafts.js';
import { CORPUS_SPECIFICATION } from './specification.js';

export interface GeneratedCorpus extends CorpusSize {
  /** Unix seconds; see `parseEpoch`. */
  readonly epochS: number;
}

export interface GenerateOptions {
  /** Default: {@link corpusCacheDir}. */
  readonly cacheDir?: string | undefined;
  /** Called while events are signed; not at all when the corpus is in the cache. */
  readonly onProgress?: Progress | undefined;
}

const MOST_EVENTS = 5_000_000;

/**
 * The corpus of specification v1 (docs/corpus.md) with this size, seed and epoch, from the cache when it is there
 * and undamaged.
 * @throws InputError when a number is out of range
 */
export async function generateCorpus(
  wanted: GeneratedCorpus,
  options: GenerateOptions = {},
): Promise<Corpus> {
  checkSize(wanted);
  const { epochS } = wanted;
  const keys = { seed: wanted.seed };
  const cacheDir = options.cacheDir ?? corpusCacheDir();
  const key = cacheKey(wanted);
  const cached = await loadCached(cacheDir, key);
  if (cached) return assembleCorpus({ ...cached, epochS, keys });

  const events = await signDrafts(draftCorpus(wanted), { keys, epochS }, options.onProgress);
  const lines = events.map(eventLine);
  const file = await storeLines(cacheDir, key, lines, fingerprintOf(idsOf(events)));
  return assembleCorpus({ file, events, lines, epochS, keys });
}

export interface OwnKeysOptions extends Pick<GenerateOptions, 'onProgress'> {
  /** The keys are derived from it and the seed. */
  readonly nonce: string;
  /** JSONL that the corpus is written to; not the cache, since nobody will ask for these keys again. */
  readonly file: string;
}

/**
 * The same corpus, position by position, signed with keys that no other run has.
 * @throws InputError when a number is out of range
 */
export async function generateWithOwnKeys(wanted: GeneratedCorpus, options: OwnKeysOptions): Promise<Corpus> {
  checkSize(wanted);
  const { epochS, seed } = wanted;
  const { nonce, file, onProgress } = options;
  const keys = { seed, nonce };
  const events = await signDrafts(draftCorpus(wanted), { keys, epochS }, onProgress);
  const lines = events.map(eventLine);
  await writeAtomically(file, jsonlBytes(lines));
  return assembleCorpus({ file, events, lines, epochS, keys });
}

function cacheKey({ events, authors, seed, epochS }: GeneratedCorpus): string {
  return `corpus-${CORPUS_SPECIFICATION}-${events}-events-${authors}-authors-seed-${seed}-epoch-${epochS}`;
}

async function loadCached(cacheDir: string, key: string) {
  const sealed = await loadSealed(cacheDir, key);
  if (sealed === undefined) return undefined;
  // A string of its own for each line keeps ASCII lines at one byte a character.
  const lines = Array.from(fileLines(sealed.bytes), ({ bytes }) => bytes.toString('utf8'));
  const events = lines.map((line): NostrEvent => JSON.parse(line));
  return fingerprintOf(idsOf(events)) === sealed.seal.fingerprint
    ? { file: sealed.file, lines, events }
    : undefined;
}

function checkSize({ events, authors, seed }: GeneratedCorpus): void {
  const problems: InputProblem[] = [
    ...outOfRange('events', events, 1, MOST_EVENTS),
    ...outOfRange('authors', authors, 1, MOST_EVENTS),
    ...outOfRange('seed', seed, 0, Number.MAX_SAFE_INTEGER),
  ];
  const [first, ...others] = problems;
  if (first) throw new InputError([first, ...others]);
}

function outOfRange(name: string, value: number, least: number, most: number): readonly InputProblem[] {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return [];
  return [{ message: `${name} is ${value}`, hint: `write a whole number from ${least} to ${most}` }];
}
