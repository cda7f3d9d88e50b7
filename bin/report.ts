import { dirname, resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { Results } from '../harness/results.js';
import { readResultsFile } from '../harness/results-file.js';
import {
  type DocumentFormat,
  renderGithub,
  renderMarkdown,
  renderTap,
  renderTerminal,
  writeDocument,
} from '../reports/index.js';
import { problem } from './option-values.js';
import { stdoutPage } from './terminal.js';
import { requireWritableFolder } from './writable.js';

/** Formats that are files beside the results, and those that are printed. */
const DOCUMENTS: readonly DocumentFormat[] = ['html', 'markdown', 'junit'];
const PRINTED = {
  terminal: (results: Results) => renderTerminal(results, { ...stdoutPage(), files: [] }),
  github: renderGithub,
  tap: renderTap,
  summary: renderMarkdown,
} as const;

type Printed = keyof typeof PRINTED;

interface ReportFlags {
  readonly format: readonly (DocumentFormat | Printed)[];
  readonly out?: string;
}

/** `reqbench report <results.json…>`: documents again, from saved results. */
export function reportCommand(): Command {
  return new Command('report')
    .summary('make documents again from saved results')
    .description(
      'Makes documents again from saved results: html, markdown and junit as files beside them, ' +
        'terminal, summary (Markdown), github (annotations) and tap on stdout.',
    )
    .argument('<results.json...>', 'files that a run or conform wrote')
    .addOption(
      new Option('--format <names>', 'one or more, comma separated')
        .argParser(formats)
        .default([...DOCUMENTS], 'html,markdown,junit'),
    )
    .option('--out <dir>', 'folder for the files (default: where the results are)')
    .addHelpText(
      'after',
      `
Examples:
  $ reqbench report reqbench-results/first-look-2026-11-25-180000/results.json
  $ reqbench report results.json --format summary >> "$GITHUB_STEP_SUMMARY"
  $ reqbench report results.json --format github

Exit codes: 0 written, whatever the results say · 2 bad usage or file`,
    )
    .action(async (files: string[], flags: ReportFlags) => {
      if (flags.out !== undefined && files.length > 1) {
        throw problem(
          '--out names one folder',
          'make the documents of one results file at a time with --out',
        );
      }
      if (flags.out !== undefined) requireWritableFolder('--out', resolve(flags.out));
      // All are read before anything is written.
      const read = files.map((file) => ({ file, results: readResultsFile(file) }));
      for (const { file, results } of read) await report(results, flags, resolve(flags.out ?? dirname(file)));
    });
}

async function report(results: Results, { format }: ReportFlags, dir: string): Promise<void> {
  for (const one of format) {
    if (isPrinted(one)) process.stdout.write(PRINTED[one](results));
    else process.stderr.write(`${await writeDocument(results, dir, one)}\n`);
  }
}

function formats(text: string): readonly (DocumentFormat | Printed)[] {
  return text.split(',').map((word) => {
    const name = word.trim();
    const document = DOCUMENTS.find((one) => one === name);
    if (document) return document;
    if (isPrinted(name)) return name;
    throw problem(
      `there is no format ${JSON.stringify(name)}`,
      `use ${[...DOCUMENTS, ...Object.keys(PRINTED)].join(', ')}`,
    );
  });
}

function isPrinted(name: string): name is Printed {
  return Object.hasOwn(PRINTED, name);
}
