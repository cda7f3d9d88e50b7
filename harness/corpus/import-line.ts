import { isUtf8 } from 'node:buffer';
import type { NostrEvent } from 'nostr-tools/pure';
import { readEvent } from './event-shape.js';
import { scanJson } from './json-position.js';
import type { FileLine } from './lines.js';
import { eventId, isPublicKey, isSignatureValid } from './signature.js';

/** A line that was read, or what is wrong with it. Lines and columns count from 1. */
export type ImportedLine =
  | { readonly line: number; readonly text: string; readonly event: NostrEvent }
  | BadLine;

export interface BadLine {
  readonly line: number;
  readonly column: number;
  readonly problem: string;
  readonly hint?: string | undefined;
}

/** Reads the event of a line and checks its form. */
export function readLine({ bytes, number: line }: FileLine): ImportedLine {
  if (!isUtf8(bytes)) return { line, column: columnOfBadUtf8(bytes), problem: 'not UTF-8' };
  const text = bytes.toString('utf8');
  const json = parseJson(text);
  if (json === undefined) return notJson(line, text);
  const shape = readEvent(json.value);
  if ('event' in shape) return { line, text, event: shape.event };
  return { line, column: columnOf(text, shape.field), problem: shape.problem };
}

/** What is wrong with the id or the signature of an event. Undefined: nothing. */
export function signatureProblem(line: number, text: string, event: NostrEvent): BadLine | undefined {
  const id = eventId(event);
  if (id !== event.id) {
    return {
      line,
      column: columnOf(text, 'id'),
      problem: 'wrong id: not the sha256 of the event',
      hint: `it would be ${id}; was the event changed after it was signed?`,
    };
  }
  if (isSignatureValid(event)) return undefined;
  if (isPublicKey(event.pubkey)) return { line, column: columnOf(text, 'sig'), problem: 'wrong signature' };
  return { line, column: columnOf(text, 'pubkey'), problem: '"pubkey" is not a point on the curve' };
}

/** Column of a field's value; of the line's first character where the field is missing. */
export function columnOf(text: string, field: string | undefined): number {
  const scan = scanJson(text);
  const offset = scan.valid && field !== undefined ? scan.members.get(field) : undefined;
  return (offset ?? 0) + 1;
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function notJson(line: number, text: string): BadLine {
  const scan = scanJson(text);
  if (scan.valid) return { line, column: 1, problem: 'not JSON' };
  return { line, column: scan.offset + 1, problem: `not JSON: expected ${scan.expected}` };
}

/** The first replacement character stands where decoding failed, unless the text has a true one before. */
function columnOfBadUtf8(bytes: Buffer): number {
  return bytes.toString('utf8').indexOf('\ufffd') + 1;
}
