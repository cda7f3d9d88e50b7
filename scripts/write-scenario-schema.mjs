// Writes scenarios/scenario.schema.json from the schema that the loader uses. Needs the compiled output:
//   npm run build && node scripts/write-scenario-schema.mjs
import { writeFileSync } from 'node:fs';
import { scenarioJsonSchema } from '../dist/harness/scenario/json-schema.js';

const file = new URL('../scenarios/scenario.schema.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
