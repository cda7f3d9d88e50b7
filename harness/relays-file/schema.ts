import { z } from 'zod';
import { parseDurationMs } from '../scenario/quantities.js';
import { sourceAddresses } from '../scenario/sources.js';
import { strict } from '../scenario/strict.js';

const NAME = /^[a-z][a-z0-9-]*$/;

const text = z.string().min(1, 'may not be empty');
const duration = z
  .string()
  .refine((value) => parseDurationMs(value) !== undefined, {
    message: 'write a duration with its unit: 500ms, 30s',
  })
  .transform((value) => parseDurationMs(value) ?? 0);
const secretKey = z.string().regex(/^(nsec1[a-z0-9]+|[0-9a-f]{64})$/, {
  message: 'no secret key: write nsec1… or 64 lower-case hex digits, of a throw-away key',
});
const entry = strict({
  description: text.optional(),
  /** Run by `/bin/sh -c` in the folder of the file. */
  command: text.optional(),
  /** Of a relay that runs already. */
  url: z
    .string()
    .refine((value) => /^wss?:\/\//i.test(value) && URL.canParse(value), {
      message: 'no address of a relay: write ws://127.0.0.1:7777',
    })
    .optional(),
  needs: strict({ program: text, hint: text.optional() }).optional(),
  env: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).default({}),
  config: strict({ file: z.string().regex(/^[\w.-]+$/, 'a plain file name'), text: z.string() }).optional(),
  ready: duration.optional(),
  import: text.optional(),
  data: z.enum(['copy', 'load']).default('load'),
  auth: strict({ url: text.optional(), keys: z.array(secretKey).default([]) }).optional(),
  access: z.enum(['open', 'auth-required', 'follows', 'managed']).optional(),
  limitation: z.record(z.string(), z.number().int().nonnegative()).optional(),
  sources: sourceAddresses.optional(),
  expects: strict({ name: text.optional(), software: text.optional() }).default({}),
  notes: text.optional(),
});

/** What `reqbench.config.yaml` may hold (docs/relays.md). */
export const relaysFileSchema = strict({
  relays: z.record(
    z
      .string()
      .regex(NAME, { message: 'a name begins with a letter, and has lower-case letters, digits and "-"' }),
    entry,
  ),
});

export type ParsedEntry = z.infer<typeof entry>;
