import { z } from 'zod';
import { RESULTS_SCHEMA, resultsSchema } from '../harness/results.js';

/** JSON Schema (2020-12) of results.json, as published in docs/results.schema.json; ends with a newline. */
export function resultsJsonSchema(): string {
  const schema = {
    title: RESULTS_SCHEMA,
    description: 'What a run of reqbench measured. Units: ms, bytes, 1/s, s.',
    ...z.toJSONSchema(resultsSchema, { io: 'input' }),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
