import { Command } from 'commander';
import { machineOf, storedCalibration } from '../harness/calibrate/store.js';
import { corpusCacheDir } from '../harness/corpus/cache.js';
import { InputError, type InputProblem } from '../harness/errors.js';
import { checkGates } from '../harness/gates/check.js';
import { labelSpaceOf } from '../harness/gates/label-rules.js';
import { readCompared, readGates } from '../harness/gates/scenario-rules.js';
import { environment } from '../harness/run/environment.js';
import { resolveScenario } from '../harness/scenario/library.js';
import { loadScenario, loadSweep, type Scenario } from '../harness/scenario/loader.js';
import { repeatable } from './option-values.js';
import { type Checked, describe, summaryOf } from './validate-text.js';

interface ValidateOptions {
  readonly set: readonly string[];
  readonly sweep?: string;
  readonly json?: boolean;
}

/** `reqbench validate <scenario…>`: what scenarios will do, or everything that is wrong with them (exit 2). */
export function validateCommand(): Command {
  return new Command('validate')
    .description('check scenario files and say what they will do')
    .argument('<scenario...>', 'files, or names of built-in scenarios')
    .addOption(repeatable('--set <key.path=value>', 'override a value of the scenario; repeatable'))
    .option('--sweep <key=v1,v2>', 'say what a run at each value will do, as run --sweep plays it')
    .option('--json', 'print JSON only')
    .addHelpText(
      'after',
      `
Examples:
  $ reqbench validate my-scenario.yaml
  $ reqbench validate home-timeline --set corpus.generate.events=5000
  $ reqbench validate first-look --sweep phases.steady.arrivals.closed.clients=1,10,100

Exit codes: 0 all valid · 2 something is wrong; it is named by file, line and column`,
    )
    .action((names: string[], options: ValidateOptions) => {
      const outcomes = names.map((name) => validate(name, options));
      const problems = outcomes.flatMap((outcome) => outcome.problems);
      const valid = outcomes.flatMap((outcome) => outcome.checked ?? []);
      if (options.json) {
        process.stdout.write(`${JSON.stringify({ scenarios: valid.map(summaryOf), problems }, null, 2)}\n`);
        if (problems.length > 0) process.exitCode = 2;
        return;
      }
      const calibration = storedCalibration(corpusCacheDir(), machineOf(environment()));
      for (const checked of valid) process.stdout.write(`${describe(checked, calibration)}\n`);
      const [first, ...rest] = problems;
      if (first) throw new InputError([first, ...rest]);
    });
}

function validate(
  name: string,
  { set, sweep: swept }: ValidateOptions,
): { checked?: Checked; problems: readonly InputProblem[] } {
  try {
    const file = resolveScenario(name, process.cwd());
    const scenario = loadScenario(file, { set });
    const sweep = loadSweep(file, { set }, swept);
    for (const one of [scenario, ...(sweep?.points ?? []).map((point) => point.scenario)]) checkRules(one);
    return { checked: { scenario, sweep }, problems: [] };
  } catch (error) {
    if (error instanceof InputError) return { problems: error.problems };
    throw error;
  }
}

function checkRules(scenario: Scenario): void {
  const labels = labelSpaceOf(scenario);
  readCompared(scenario.compare, { labels });
  checkGates(readGates(scenario.gates), { labels });
}
