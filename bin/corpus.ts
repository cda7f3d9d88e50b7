import { copyFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import ora from 'ora';
import type { Corpus } from '../harness/corpus/corpus.js';
import { type CorpusDescription, describeCorpus } from '../harness/corpus/describe.js';
import { parseEpoch } from '../harness/corpus/epoch.js';
import { generateCorpus } from '../harness/corpus/generate.js';
import { importCorpus } from '../harness/corpus/import.js';
import type { Progress } from '../harness/corpus/sign-drafts.js';
import { InputError } from '../harness/errors.js';
import { makeFolder } from '../relays/make-folder.js';
import { corpusTable } from './corpus-table.js';
import { atLeastOne, integer } from './option-values.js';

/** Where a command writes what it answers; progress goes to stderr. */
export interface CommandOutput {
  write(text: string): unknown;
}

interface SizeOptions {
  readonly events?: number;
  readonly authors?: number;
  readonly seed: number;
  readonly epoch?: string;
}

interface OutputOptions {
  readonly out?: string;
  readonly json?: boolean;
}

const DEFAULT_EVENTS = 20_000;
const EVENTS_PER_AUTHOR = 10;
const DEFAULT_SEED = 42;

/** `reqbench corpus`: make, check and describe the signed events that relays are loaded with. */
export function corpusCommand(output: CommandOutput = process.stdout): Command {
  const command = new Command('corpus').description('signed events from a seed or from a JSONL file');
  command.addHelpText('after', EXAMPLES.corpus);
  command.addCommand(generateCommand(output));
  command.addCommand(importCommand(output));
  command.addCommand(infoCommand(output));
  return command;
}

function generateCommand(output: CommandOutput): Command {
  return withSize(new Command('generate'))
    .description('sign the corpus of a seed; without --out it goes to the cache only')
    .option('-o, --out <file>', 'write the events to this JSONL file')
    .option('--json', 'print a description as JSON')
    .addHelpText('after', EXAMPLES.generate)
    .action(async (options: SizeOptions & OutputOptions) => {
      await answer(output, await generate(options), options);
    });
}

function importCommand(output: CommandOutput): Command {
  return new Command('import')
    .description('check every event of a JSONL file: form, id, signature, duplicates')
    .argument('<file>', 'JSONL, one event a line')
    .option('-o, --out <file>', 'write the events, sorted by created_at, to this JSONL file')
    .option('--json', 'print a description as JSON')
    .addHelpText('after', EXAMPLES.import)
    .action(async (file: string, options: OutputOptions) => {
      await answer(output, await read(file), options);
    });
}

function infoCommand(output: CommandOutput): Command {
  return withSize(new Command('info'))
    .description('fingerprint, kinds, authors, sizes and span of time of a file or of a generated corpus')
    .argument('[file]', 'JSONL, one event a line; without it, the corpus that the options give')
    .option('--json', 'print it as JSON')
    .addHelpText('after', EXAMPLES.info)
    .action(async (file: string | undefined, options: SizeOptions & OutputOptions) => {
      if (file !== undefined) failOnSize(file, options);
      await answer(output, file === undefined ? await generate(options) : await read(file), options);
    });
}

function withSize(command: Command): Command {
  return command
    .option('--events <n>', `number of events (default: ${DEFAULT_EVENTS})`, atLeastOne('--events'))
    .option(
      '--authors <n>',
      'size of the population (default: a tenth of the events)',
      atLeastOne('--authors'),
    )
    .option(
      '--seed <n>',
      'the same seed gives the same bytes',
      integer('--seed', 0, 2 ** 32 - 1),
      DEFAULT_SEED,
    )
    .option('--epoch <date>', 'UTC date that the events end at, or today (default: 2026-01-01)');
}

function failOnSize(file: string, { events, authors, epoch }: SizeOptions): void {
  if (events === undefined && authors === undefined && epoch === undefined) return;
  throw new InputError([
    {
      message: '--events, --authors and --epoch describe a generated corpus, not a file',
      hint: `leave them out, or leave out ${JSON.stringify(file)}`,
    },
  ]);
}

async function generate({ events = DEFAULT_EVENTS, authors, seed, epoch }: SizeOptions): Promise<Corpus> {
  const size = {
    events,
    authors: authors ?? Math.ceil(events / EVENTS_PER_AUTHOR),
    seed,
    epochS: parseEpoch(epoch),
  };
  return withProgress('signing', (onProgress) => generateCorpus(size, { onProgress }));
}

async function read(file: string): Promise<Corpus> {
  return withProgress('checking', (onProgress) => importCorpus(file, { seed: DEFAULT_SEED, onProgress }));
}

async function answer(output: CommandOutput, corpus: Corpus, { out, json }: OutputOptions): Promise<void> {
  const file = out === undefined ? corpus.file : await writeCopy(corpus, out);
  const description: CorpusDescription = { ...describeCorpus(corpus), file };
  output.write(json ? `${JSON.stringify(description, null, 2)}\n` : corpusTable(description));
}

async function writeCopy(corpus: Corpus, out: string): Promise<string> {
  const file = resolve(out);
  if (file === resolve(corpus.file)) return file;
  try {
    makeFolder(dirname(file));
    await copyFile(corpus.file, file);
    return file;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError([{ message: `can't be written: ${reason}`, at: { file: out } }]);
  }
}

/** A line on stderr while the work lasts, where stderr is a terminal. */
async function withProgress<T>(verb: string, work: (onProgress: Progress) => Promise<T>): Promise<T> {
  const spinner = ora({ text: `${verb} …`, isSilent: !process.stderr.isTTY });
  const onProgress: Progress = (done, total) => {
    if (!spinner.isSpinning) spinner.start();
    spinner.text = `${verb} ${done} of ${total} events`;
  };
  try {
    return await work(onProgress);
  } finally {
    spinner.stop();
  }
}

const EXIT_CODES = '\nExit codes: 0 fine · 2 bad usage or file';

const EXAMPLES = {
  corpus: `
Examples:
  $ reqbench corpus generate --events 2000 --authors 200 --out events.jsonl
  $ reqbench corpus info events.jsonl
${EXIT_CODES}`,
  generate: `
Examples:
  $ reqbench corpus generate --events 2000 --authors 200 --out events.jsonl
  $ reqbench corpus generate --events 2000 --epoch today --out fresh.jsonl
${EXIT_CODES}`,
  import: `
Examples:
  $ reqbench corpus import export.jsonl --out sorted.jsonl
${EXIT_CODES}: bad lines are named with line and column`,
  info: `
Examples:
  $ reqbench corpus info events.jsonl
  $ reqbench corpus info --events 2000 --authors 200 --json
${EXIT_CODES}`,
} as const;
