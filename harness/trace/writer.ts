import { isUtf8 } from 'node:buffer';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { MAX_PARSED_BYTES } from '../client/frame.js';
import { NS_PER_MS } from '../clock.js';
import type { TraceHeader, TraceRecord } from './format.js';

/** Lines go to the compressor, which works on a thread of its own, in pieces of this size. */
const PIECE_CHARACTERS = 64 * 1024;
/** While more than this waits for the compressor, messages are left out and counted: a trace must not eat memory. */
const MOST_WAITING_BYTES = 64 * 1024 * 1024;

/** What a trace came to. */
export interface TraceSummary {
  readonly file: string;
  readonly messages: number;
  readonly leftOut: number;
  /** Why nothing could be written from some point on: the disk is full, say. */
  readonly error: string | undefined;
}

/** Records what goes over the wire; stamps as in `WireListener`. Never throws: a trace doesn't end a round. */
export interface TraceWriter {
  opened(connection: number, atNs: number): void;
  sent(connection: number, payload: string | Buffer, isBinary: boolean, atNs: number): void;
  got(connection: number, payload: Buffer, isBinary: boolean, atNs: number): void;
  broken(connection: number, problem: string, atNs: number): void;
  closed(connection: number, by: 'client' | 'relay', detail: string, atNs: number): void;
  /** Nothing came until `atNs` that isn't recorded. Resolves when everything is in the file. */
  finish(atNs: number): Promise<TraceSummary>;
}

/**
 * Writes a trace, gzipped NDJSON (docs/traces.md).
 * @param startNs the stamp that counts as 0 ms
 */
export function createTraceWriter(file: string, header: TraceHeader, startNs: number): TraceWriter {
  return new GzipTraceWriter(file, header, startNs);
}

class GzipTraceWriter implements TraceWriter {
  readonly #gzip = createGzip({ level: 1 });
  readonly #written: Promise<void>;
  #piece: string;
  #waitingBytes = 0;
  #messages = 0;
  #leftOut = 0;
  #leftOutNow = 0;
  #error: string | undefined;

  constructor(
    private readonly file: string,
    header: TraceHeader,
    private readonly startNs: number,
  ) {
    this.#piece = `${JSON.stringify(header)}\n`;
    const output = createWriteStream(file);
    const fail = (error: Error): void => {
      this.#error ??= error.message;
      this.#gzip.destroy();
    };
    output.on('error', fail);
    this.#gzip.on('error', fail);
    this.#gzip.pipe(output);
    this.#written = finished(output).catch(fail);
  }

  opened(connection: number, atNs: number): void {
    this.#add({ atMs: this.#atMs(atNs), connection, direction: 'opened' });
  }

  sent(connection: number, payload: string | Buffer, isBinary: boolean, atNs: number): void {
    const content = typeof payload === 'string' ? { text: payload } : contentOf(payload, isBinary);
    this.#add({ atMs: this.#atMs(atNs), connection, direction: 'sent', ...content });
  }

  got(connection: number, payload: Buffer, isBinary: boolean, atNs: number): void {
    const atMs = this.#atMs(atNs);
    if (payload.length > MAX_PARSED_BYTES) {
      this.#add({ atMs, connection, direction: 'got', bytes: payload.length });
    } else {
      this.#add({ atMs, connection, direction: 'got', ...contentOf(payload, isBinary) });
    }
  }

  broken(connection: number, problem: string, atNs: number): void {
    this.#add({ atMs: this.#atMs(atNs), connection, direction: 'broken', problem });
  }

  closed(connection: number, by: 'client' | 'relay', detail: string, atNs: number): void {
    this.#add({ atMs: this.#atMs(atNs), connection, direction: 'closed', by, detail });
  }

  async finish(atNs: number): Promise<TraceSummary> {
    const atMs = this.#atMs(atNs);
    if (this.#leftOutNow > 0) this.#noteLeftOut(atMs);
    this.#piece += `${JSON.stringify({ atMs, direction: 'end' } satisfies TraceRecord)}\n`;
    this.#flush();
    if (!this.#gzip.destroyed) this.#gzip.end();
    await this.#written;
    return { file: this.file, messages: this.#messages, leftOut: this.#leftOut, error: this.#error };
  }

  #atMs(atNs: number): number {
    return (atNs - this.startNs) / NS_PER_MS;
  }

  #add(record: Extract<TraceRecord, { connection: number }>): void {
    if (this.#error !== undefined) return;
    if (this.#waitingBytes > MOST_WAITING_BYTES) {
      this.#leftOut += 1;
      this.#leftOutNow += 1;
      return;
    }
    if (this.#leftOutNow > 0) this.#noteLeftOut(record.atMs);
    this.#messages += 1;
    this.#piece += `${JSON.stringify(record)}\n`;
    if (this.#piece.length >= PIECE_CHARACTERS) this.#flush();
  }

  #noteLeftOut(atMs: number): void {
    const record: TraceRecord = { atMs, direction: 'left-out', messages: this.#leftOutNow };
    this.#piece += `${JSON.stringify(record)}\n`;
    this.#leftOutNow = 0;
  }

  #flush(): void {
    const piece = Buffer.from(this.#piece, 'utf8');
    this.#piece = '';
    if (this.#gzip.destroyed) return;
    this.#waitingBytes += piece.length;
    this.#gzip.write(piece, () => {
      this.#waitingBytes -= piece.length;
    });
  }
}

/** A message as a record holds it: as text where that can be. */
function contentOf(payload: Buffer, isBinary: boolean) {
  if (!isBinary && isUtf8(payload)) return { text: payload.toString('utf8') };
  const frame: 'binary' | 'text' = isBinary ? 'binary' : 'text';
  return { frame, base64: payload.toString('base64') };
}
