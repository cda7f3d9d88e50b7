import { z } from 'zod';
import { scenarioFileSchema } from './schema.js';

const TAG_KEY = /^#[a-zA-Z]$/;

/** The JSON Schema (2020-12) of scenario files, for editors; the published one is made from it. */
export function scenarioJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(scenarioFileSchema, {
    io: 'input',
    override: ({ jsonSchema }) => foldTagKeys(jsonSchema),
  });
  return {
    $schema: schema.$schema,
    title: 'reqbench scenario',
    description: 'A load and conformance scenario for Nostr relays, replayed by reqbench.',
    ...schema,
  };
}

/** A filter has a key for each letter, `#a` to `#Z`: one pattern says the same. */
function foldTagKeys(schema: z.core.JSONSchema.BaseSchema): void {
  const { properties } = schema;
  const tag = properties?.['#a'];
  if (properties === undefined || tag === undefined) return;
  const named = new Set(['#e', '#p', '#t']);
  schema.properties = Object.fromEntries(
    Object.entries(properties).filter(([key]) => !TAG_KEY.test(key) || named.has(key)),
  );
  schema.patternProperties = { '^#[a-zA-Z]$': withoutDescription(tag) };
}

function withoutDescription(schema: z.core.JSONSchema._JSONSchema): z.core.JSONSchema._JSONSchema {
  return typeof schema === 'object' ? { ...schema, description: 'Values of tags with this name.' } : schema;
}
