import { Argument, Command } from 'commander';
import { INVARIANTS } from '../harness/conformance/checks/catalogue.js';
import { PROBES } from '../harness/conformance/probes/catalogue.js';
import { SURVIVAL } from '../harness/conformance/probes/survival.js';
import { METRICS } from '../harness/measure/catalogue.js';
import { findRelaysFile } from '../harness/relays-file/read.js';
import { libraryScenarios } from '../harness/scenario/library.js';
import { BUILTIN_RELAYS, findProgram, type RelayEntry } from '../relays/catalog.js';
import { DEVIATIONS } from '../relays/relay.js';

interface Entry {
  readonly name: string;
  readonly text: string;
}

/** What `list` can show: a topic a line. */
const TOPICS: Readonly<Record<string, (config?: string) => readonly Entry[]>> = {
  relays: (config) => [
    ...BUILTIN_RELAYS.map(({ name, description }) => ({ name, text: description })),
    ...(findRelaysFile(config, [process.cwd()])?.entries ?? []).map(configured),
  ],
  scenarios: () => libraryScenarios().map(({ name, description }) => ({ name, text: description })),
  deviations: () =>
    Object.entries(DEVIATIONS).map(([name, { title, of }]) => ({
      name,
      text: `${title} (${of.join(', ')})`,
    })),
  checks: () =>
    [...PROBES, SURVIVAL, ...INVARIANTS].map(({ id, level, title }) => ({
      name: id,
      text: `${level}: ${title}`,
    })),
  metrics: () =>
    Object.entries(METRICS).map(([name, { unit, definition }]) => ({
      name,
      text: `${definition} (${unit})`,
    })),
};

/** A relay of the configuration file, and whether its program is there. */
function configured({ name, description, target }: RelayEntry): Entry {
  const needs = 'command' in target ? target.needs : undefined;
  const isThere =
    !('command' in target) || needs === undefined || findProgram(needs.program, target.cwd) !== undefined;
  const missing = isThere ? '' : ` (not there: ${needs?.hint ?? needs?.program})`;
  return { name, text: `${description}${missing}` };
}

/** What is shown without a topic: what one begins with. */
const FIRST_TOPICS: readonly string[] = ['relays', 'scenarios'];

const MORE = `more: ${Object.keys(TOPICS)
  .filter((topic) => !FIRST_TOPICS.includes(topic))
  .map((topic) => `reqbench list ${topic}`)
  .join(' · ')}`;

/** `reqbench list [topic]`: what is built in. */
export function listCommand(): Command {
  return new Command('list')
    .description('show what is built in')
    .addArgument(new Argument('[topic]', 'only this').choices(Object.keys(TOPICS)))
    .option('--json', 'print JSON only')
    .option('--config <file>', 'relays by name (default: reqbench.config.yaml here or above)')
    .addHelpText(
      'after',
      `
Examples:
  $ reqbench list
  $ reqbench list checks
  $ reqbench list metrics --json

Exit codes: 0 shown · 2 bad usage or file`,
    )
    .action((topic: string | undefined, options: { readonly json?: boolean; readonly config?: string }) => {
      const shown = Object.entries(TOPICS)
        .filter(([name]) => (topic === undefined ? FIRST_TOPICS.includes(name) : name === topic))
        .map(([name, entries]) => [name, entries(options.config)] as const);
      const text = options.json
        ? JSON.stringify(Object.fromEntries(shown), null, 2)
        : [...shown.map(section), ...(topic === undefined ? [MORE] : [])].join('\n\n');
      process.stdout.write(`${text}\n`);
    });
}

function section([topic, entries]: readonly [string, readonly Entry[]]): string {
  const width = Math.max(...entries.map(({ name }) => name.length));
  return [topic, ...entries.map(({ name, text }) => `  ${name.padEnd(width)}  ${text}`)].join('\n');
}
