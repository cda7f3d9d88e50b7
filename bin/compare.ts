import { Command, Option } from 'commander';
import { readCompared } from '../harness/gates/scenario-rules.js';
import { readResultsFile } from '../harness/results-file.js';
import { compareRuns } from '../harness/two-runs/compare-runs.js';
import { renderBetweenMarkdown, renderBetweenTerminal } from '../reports/index.js';
import { repeatable } from './option-values.js';
import { stdoutPage } from './terminal.js';

interface CompareFlags {
  readonly relay: readonly string[];
  readonly figure: readonly string[];
  readonly format: 'terminal' | 'markdown';
  readonly json: boolean;
}

/** `reqbench compare <a.json> <b.json>`: what two runs of different times say, and what they can't. */
export function compareCommand(): Command {
  return new Command('compare')
    .summary('hold two results files of different times against each other')
    .description(
      'Says what two runs of the same scenario can and can’t tell: what differs between them, and how each relay’s figures ' +
        'changed from a to b, with intervals. For a decision measure both in one run.',
    )
    .argument('<a.json>', 'results of the earlier run')
    .argument('<b.json>', 'results of the later run')
    .addOption(
      repeatable(
        '--relay <name|a=b>',
        'a relay to compare, repeatable (default: all that both files have); base=head: base of a with head of b',
      ),
    )
    .addOption(
      repeatable(
        '--figure <term>',
        'a figure to give an interval and a verdict for, repeatable, e.g. "req.eose{req=timeline}.p90"\n' +
          '(default: those that the runs compared)',
      ),
    )
    .addOption(
      new Option('--format <format>', 'what is printed')
        .choices(['terminal', 'markdown'])
        .default('terminal'),
    )
    .option('--json', 'print the comparison as JSON and nothing else', false)
    .addHelpText(
      'after',
      `
Examples:
  $ reqbench compare monday.json friday.json
  $ reqbench compare base.json head.json --relay base=head --figure req.eose.p90
  $ reqbench compare base.json head.json --format markdown >> "$GITHUB_STEP_SUMMARY"

Exit codes: 0 compared, whatever came out (see: reqbench gate --baseline, for rules) · 2 bad usage or file, or runs of
different scenarios, plans or corpora`,
    )
    .action((a: string, b: string, flags: CompareFlags) => {
      process.stdout.write(compare(a, b, flags));
    });
}

function compare(fileA: string, fileB: string, { relay, figure, format, json }: CompareFlags): string {
  const figures = readCompared(figure.map((text) => ({ text })));
  const saved = (file: string) => ({ file, results: readResultsFile(file) });
  const comparison = compareRuns(saved(fileA), saved(fileB), { relays: relay, figures });
  if (json) return `${JSON.stringify(comparison)}\n`;
  return format === 'markdown'
    ? renderBetweenMarkdown(comparison)
    : renderBetweenTerminal(comparison, stdoutPage());
}
