/**
 * Entry: runs a reference relay under a tool of clinic.
 * Usage: node clinic-collect.js TOOL LIBRARY OUT CONFIGURATION PORT
 * The relay's process group is ended as a whole: the relay goes on SIGTERM, and this process when the tool has
 * written down what it saw.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../relays/process/package-root.js';
import { loadClinic } from './clinic.js';

const [tool = '', library = '', out = '', configuration = '', port = ''] = process.argv.slice(2);

// The relay has had the signal too; what the tool has to say comes after it.
process.on('SIGTERM', () => {});
process.on('SIGINT', () => {});

// Node leaves its trace in the working directory, where the tool looks for it.
process.chdir(out);

const config: object = JSON.parse(readFileSync(configuration, 'utf8'));
writeFileSync(configuration, JSON.stringify({ ...config, port: Number(port) }));
const host = join(PACKAGE_ROOT, 'dist/relays/host.js');
const collected = await loadClinic(library, out).collect([process.execPath, host, configuration]);
writeFileSync(join(out, `${tool}.json`), JSON.stringify({ collected }));
