import { z } from 'zod';
import { exactlyOne, oneOfKeys, strict } from './strict.js';

/** The payload of one WebSocket message, as a script gives it: a text, or bytes in base64. */
export interface RawPayload {
  readonly frame: 'text' | 'binary';
  readonly text?: string | undefined;
  readonly base64?: string | undefined;
}

const LONGEST = 1024 * 1024;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const PAYLOAD_KEYS = ['text', 'base64'] as const;

/** Settings of a message that is sent as it is, beside others. */
export function rawPayload<Shape extends z.ZodRawShape>(shape: Shape) {
  return strict({
    ...shape,
    text: z.string().max(LONGEST).optional().describe('The message as it goes over the wire; no generators.'),
    base64: z
      .string()
      .regex(BASE64, { error: 'not base64: AP8= stands for the bytes 00 ff' })
      .max(4 * Math.ceil(LONGEST / 3))
      .optional()
      .describe('The bytes of the message, for what no text can be.'),
    frame: z.enum(['text', 'binary']).default('text').describe('The kind of WebSocket message.'),
  })
    .check(exactlyOne(PAYLOAD_KEYS))
    .meta(oneOfKeys(PAYLOAD_KEYS));
}

/** What goes over the wire. */
export function rawBytes({ text, base64 = '' }: Pick<RawPayload, 'text' | 'base64'>): Buffer {
  return text === undefined ? Buffer.from(base64, 'base64') : Buffer.from(text, 'utf8');
}
