import { z } from 'zod';

export const TRACE_FORMAT = 'reqbench.trace/1';

/** The subscription id of the REQ that a run sends at its end on a connection that owes something. */
export const FRESH_SUBSCRIPTION = 'reqbench-fresh';

/** The first line of a trace; other tools may leave it out. Every field but `format` may be missing. */
export const traceHeaderSchema = z.object({
  format: z.literal(TRACE_FORMAT),
  /** As results name it. */
  relay: z.string().optional(),
  round: z.int().min(1).optional(),
  scenario: z.string().optional(),
  /** ISO 8601; when `atMs` is 0. */
  startedAt: z.string().optional(),
  access: z.enum(['open', 'auth-required', 'follows', 'managed']).default('open'),
  /** Public keys that may read everything under an access mode; missing: not known. */
  admins: z.array(z.string()).optional(),
  /** NIPs that the relay claims. */
  claims: z.array(z.int()).default([]),
  /** After this an answer is late. */
  deadlineMs: z.number().positive().default(5_000),
  /** JSONL of what the relay held at the start, relative to the trace. */
  corpus: z.string().optional(),
  /** Others write to the relay too: it may hold more than the corpus and what is published here. */
  shared: z.boolean().optional(),
  /** Lines of the corpus, from 0, that the relay didn't take in. */
  notLoaded: z.array(z.int().min(0)).default([]),
});

export type TraceHeader = z.output<typeof traceHeaderSchema>;

/** Milliseconds of one monotonic clock, from any origin. */
const atMs = z.number();
const connection = z.int().min(0);

/** Every line but the header: what happened, in the order of `atMs`. */
export const traceRecordSchema = z.union([
  /** May be left out: a connection opens when it is named first. */
  z.object({ atMs, connection, direction: z.literal('opened') }),
  z.object({ atMs, connection, direction: z.literal('sent'), text: z.string() }),
  /** A message that JSON can't hold as text, as of what was got. */
  z.object({
    atMs,
    connection,
    direction: z.literal('sent'),
    frame: z.enum(['binary', 'text']),
    base64: z.string(),
  }),
  /** A message of which only the size was kept. */
  z.object({ atMs, connection, direction: z.literal('sent'), bytes: z.int().min(0) }),
  z.object({ atMs, connection, direction: z.literal('got'), text: z.string() }),
  /** A message that JSON can't hold as text: a binary frame, or a text frame that isn't UTF-8. */
  z.object({
    atMs,
    connection,
    direction: z.literal('got'),
    frame: z.enum(['binary', 'text']),
    base64: z.string(),
  }),
  /** A message of which only the size was kept. */
  z.object({ atMs, connection, direction: z.literal('got'), bytes: z.int().min(0) }),
  /** The WebSocket layer could not read what came (RFC 6455). */
  z.object({ atMs, connection, direction: z.literal('broken'), problem: z.string() }),
  z.object({
    atMs,
    connection,
    direction: z.literal('closed'),
    by: z.enum(['client', 'relay']).default('relay'),
    detail: z.string().default(''),
  }),
  /** So many messages are not in the trace: they came faster than they could be written. */
  z.object({ atMs, direction: z.literal('left-out'), messages: z.int().min(1) }),
  /** Until then somebody listened; may be left out. */
  z.object({ atMs, direction: z.literal('end') }),
]);

export type TraceRecord = z.output<typeof traceRecordSchema>;
