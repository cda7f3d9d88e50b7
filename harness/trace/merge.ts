import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { linesOf } from './reader.js';
import type { TraceSummary } from './writer.js';

/** Lines that are handed on at once. */
const LINES_AT_ONCE = 512;

/**
 * Makes one trace of those that several writers wrote of one round, with one origin of time and different connections: the
 * lines of all of them, in the order of their times. The parts are removed.
 */
export async function mergeTraces(parts: readonly TraceSummary[], file: string): Promise<TraceSummary> {
  let error = parts.find((part) => part.error !== undefined)?.error;
  try {
    await pipeline(
      Readable.from(inPieces(merged(parts.map((part) => part.file)))),
      createGzip({ level: 1 }),
      createWriteStream(file),
    );
    await Promise.all(parts.map((part) => rm(part.file, { force: true })));
  } catch (reason) {
    error ??= reason instanceof Error ? reason.message : String(reason);
  }
  const sum = (field: 'messages' | 'leftOut') => parts.reduce((total, part) => total + part[field], 0);
  return { file, messages: sum('messages'), leftOut: sum('leftOut'), error };
}

/** A line of a trace and its time; a header has none. */
interface Line {
  readonly text: string;
  readonly atMs: number;
  /** Says until when somebody listened. */
  readonly isEnd: boolean;
}

async function* merged(files: readonly string[]): AsyncGenerator<string> {
  const sources = files.map((file) => timedLines(file));
  const headers = await Promise.all(sources.map((source) => next(source)));
  if (headers[0]) yield headers[0].text;
  const heads = await Promise.all(sources.map((source) => next(source)));
  let end: Line | undefined;
  for (;;) {
    const place = earliest(heads);
    const head = place === undefined ? undefined : heads[place];
    const source = place === undefined ? undefined : sources[place];
    if (place === undefined || !head || !source) break;
    // What comes after the first end was still listened to elsewhere.
    if (head.isEnd) end = head;
    else yield head.text;
    heads[place] = await next(source);
  }
  if (end) yield end.text;
}

function earliest(heads: readonly (Line | undefined)[]): number | undefined {
  let found: number | undefined;
  for (const [place, head] of heads.entries()) {
    const best = found === undefined ? undefined : heads[found];
    if (head && (best === undefined || head.atMs < best.atMs)) found = place;
  }
  return found;
}

async function next(source: AsyncIterator<Line>): Promise<Line | undefined> {
  const { value, done } = await source.next();
  return done ? undefined : value;
}

async function* timedLines(file: string): AsyncGenerator<Line> {
  for await (const bytes of linesOf(file)) {
    if (bytes.length === 0) continue;
    const text = bytes.toString('utf8');
    const { atMs, direction }: { atMs?: number; direction?: string } = JSON.parse(text);
    yield { text, atMs: atMs ?? Number.NEGATIVE_INFINITY, isEnd: direction === 'end' };
  }
}

async function* inPieces(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let piece: string[] = [];
  for await (const line of lines) {
    piece.push(line, '\n');
    if (piece.length < 2 * LINES_AT_ONCE) continue;
    yield piece.join('');
    piece = [];
  }
  yield piece.join('');
}
