#!/usr/bin/env node
import { Command, CommanderError, Help, type Option } from 'commander';
import { InputError } from '../harness/errors.js';
import { EXIT } from '../harness/exit-codes.js';
import { WorkerDeathError } from '../harness/load/worker-error.js';
import { packageInformation } from '../harness/package.js';
import { UnknownRelayError } from '../relays/relay.js';

/** In the order of the help text. */
const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['run', async () => (await import('./run.js')).runCommand()],
  ['conform', async () => (await import('./conform.js')).conformCommand()],
  ['check', async () => (await import('./check.js')).checkCommand()],
  ['compare', async () => (await import('./compare.js')).compareCommand()],
  ['gate', async () => (await import('./gate.js')).gateCommand()],
  ['report', async () => (await import('./report.js')).reportCommand()],
  ['validate', async () => (await import('./validate.js')).validateCommand()],
  ['list', async () => (await import('./list.js')).listCommand()],
  ['corpus', async () => (await import('./corpus.js')).corpusCommand()],
  ['calibrate', async () => (await import('./calibrate.js')).calibrateCommand()],
  ['micro', async () => (await import('./micro.js')).microCommand()],
  ['profile', async () => (await import('./profile.js')).profileCommand()],
  ['serve', async () => (await import('./serve.js')).serveCommand()],
]);

const { version, description } = packageInformation();

const program = new Command('reqbench')
  .description(`${description}.`)
  .version(version)
  .showHelpAfterError('Run with --help for what may be written.')
  .exitOverride()
  .addHelpText(
    'after',
    `
Start here:
  $ reqbench run first-look                     both reference relays, some 20 seconds, a verdict and a report
  $ reqbench run first-look --relay ws://127.0.0.1:7777 --relay streaming
  $ reqbench list                               the scenario library

Exit codes: 0 fine · 1 a check or gate failed · 2 bad usage or file · 3 a relay was not ready or died ·
4 a gate could not be measured · 130 interrupted`,
  );

for (const load of commandsToLoad(process.argv[2])) program.addCommand(await load());

for (const command of allCommands(program)) {
  command
    .exitOverride()
    .showHelpAfterError('Run with --help for what may be written.')
    .configureHelp({ optionDescription: describedOption });
}

for (const stream of [process.stdout, process.stderr]) stream.on('error', goOnUnread);
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Without defaults that say nothing: an empty list, an option that is off. */
function describedOption(this: Help, option: Option): string {
  return Help.prototype.optionDescription.call(this, option).replace(/ \(default: (\[\]|false)\)$/, '');
}

/** Whoever read the output has gone, as `head` does: the work goes on, and its files are written. */
function goOnUnread(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** The command that was asked for alone, where it is one: loading all of them takes as long as some runs of it. */
function commandsToLoad(name: string | undefined): readonly (() => Promise<Command>)[] {
  const named = name === undefined ? undefined : COMMANDS.get(name);
  return named ? [named] : [...COMMANDS.values()];
}

/** Says what went wrong and returns the exit code that belongs to it. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.badInput;
  if (error instanceof InputError || error instanceof UnknownRelayError) {
    process.stderr.write(`${error.message}\n`);
    return EXIT.badInput;
  }
  if (error instanceof WorkerDeathError) {
    process.stderr.write(`reqbench failed: ${error.message}\n`);
    return EXIT.failed;
  }
  process.stderr.write(`reqbench failed: ${error instanceof Error ? error.stack : String(error)}\n`);
  return EXIT.failed;
}

function allCommands(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...allCommands(child)]);
}
