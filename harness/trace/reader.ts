import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { z } from 'zod';
import { InputError } from '../errors.js';
import { type TraceHeader, type TraceRecord, traceHeaderSchema, traceRecordSchema } from './format.js';

const LINE_FEED = 0x0a;
const GZIP_MAGIC = [0x1f, 0x8b];
const MAX_LINE_BYTES = 128 * 1024 * 1024;

/** A line that can't be read, and why; nothing after it is. */
export interface TraceDamage {
  /** Counts from 1. */
  readonly line: number;
  readonly problem: string;
}

export type TraceLine =
  | { readonly kind: 'header'; readonly header: TraceHeader }
  | { readonly kind: 'record'; readonly record: TraceRecord }
  | { readonly kind: 'damage'; readonly damage: TraceDamage };

/**
 * Reads a trace, gzipped or not, line by line: first a header, the file's own or one of defaults. A damaged line is
 * the last that is given.
 * @throws {InputError} when the file can't be opened
 */
export async function* readTrace(file: string): AsyncGenerator<TraceLine> {
  let number = 0;
  let isFirst = true;
  try {
    for await (const bytes of linesOf(file)) {
      number += 1;
      const text = bytes.toString('utf8').trim();
      if (text === '') continue;
      const line = readLine(text, number, isFirst);
      if (isFirst && line.kind !== 'header') yield { kind: 'header', header: defaultHeader() };
      isFirst = false;
      yield line;
      if (line.kind === 'damage') return;
    }
  } catch (error) {
    if (isFirst) throw unreadable(file, error);
    const { message } = asError(error);
    yield {
      kind: 'damage',
      damage: { line: number + 1, problem: `the file is cut off or damaged here (${message})` },
    };
    return;
  }
  if (isFirst) throw unreadable(file, new Error('it is empty'));
}

function readLine(text: string, line: number, isFirst: boolean): TraceLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {
      kind: 'damage',
      damage: { line, problem: 'not a line of JSON; the file was cut off or altered here' },
    };
  }
  if (isFirst && typeof value === 'object' && value !== null && 'format' in value) {
    const header = traceHeaderSchema.safeParse(value);
    return header.success
      ? { kind: 'header', header: header.data }
      : { kind: 'damage', damage: { line, problem: `not a header of a trace: ${issuesOf(header.error)}` } };
  }
  const record = traceRecordSchema.safeParse(value);
  if (record.success) return { kind: 'record', record: record.data };
  return { kind: 'damage', damage: { line, problem: `not a record: ${whatIsWrong(value)}` } };
}

/** What a line lacks first of what every message has; what else may be wrong docs/traces.md says. */
function whatIsWrong(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'a line is a JSON object';
  const { atMs, connection, direction, text } = value as Readonly<Record<string, unknown>>;
  if (typeof atMs !== 'number') return 'atMs has to be a number of milliseconds';
  if (!Number.isSafeInteger(connection) || Number(connection) < 0)
    return 'connection has to be a whole number from 0 on';
  if (typeof direction !== 'string' || !DIRECTIONS.includes(direction))
    return `direction has to be one of ${DIRECTIONS.join(', ')}`;
  if ((direction === 'sent' || direction === 'got') && typeof text !== 'string')
    return `text has to be the message that was ${direction}, as a string`;
  return `the fields of ${direction} are not those of docs/traces.md`;
}

/** Of messages; what else a trace may hold has no connection. */
const DIRECTIONS: readonly string[] = ['opened', 'sent', 'got', 'broken', 'closed'];

function issuesOf(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}

export function defaultHeader(): TraceHeader {
  return traceHeaderSchema.parse({ format: 'reqbench.trace/1' });
}

function unreadable(file: string, error: unknown): InputError {
  return new InputError([
    {
      message: `can't read the trace: ${asError(error).message}`,
      at: { file },
      hint: 'give a file of `reqbench run --trace`, or NDJSON as docs/traces.md describes it',
    },
  ]);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Lines as bytes, unzipped where they have to be; one without a line feed at the end of the file too. */
export async function* linesOf(file: string): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const chunk of await bytesOf(file)) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      yield Buffer.concat([...rest, chunk.subarray(start, end)]);
      rest = [];
      restBytes = 0;
      start = end + 1;
    }
    rest.push(chunk.subarray(start));
    restBytes += chunk.length - start;
    if (restBytes > MAX_LINE_BYTES) throw new Error(`a line is longer than ${MAX_LINE_BYTES} bytes`);
  }
  yield Buffer.concat(rest);
}

async function bytesOf(file: string): Promise<AsyncIterable<Buffer>> {
  const handle = await open(file);
  const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
  await handle.close();
  const input = createReadStream(file);
  if (!GZIP_MAGIC.every((byte, index) => buffer[index] === byte)) return input;
  const gunzip = createGunzip();
  // Errors come out of the loop that reads.
  pipeline(input, gunzip, () => {});
  return gunzip;
}
