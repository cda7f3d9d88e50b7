import {
  type CleanOutcome,
  type MutantOutcome,
  type SelfTestOptions,
  type SelfTestReport,
  selfTest,
} from '../harness/conformance/mutants/index.js';

const ID_WIDTH = 24;

/** Runs the mutants and says of each what happened to it; true when all was as it should be. */
export async function runSelfTest(
  options: SelfTestOptions,
  { json }: { readonly json: boolean },
): Promise<boolean> {
  const say = (text: string): void => {
    if (!json) process.stdout.write(`${text}\n`);
  };
  const report = await selfTest({ ...options, onOutcome: (outcome) => say(outcomeText(outcome)) });
  if (report.notRun.length > 0)
    say(`not run, since no invariant can catch them: ${report.notRun.join(', ')}`);
  say(summaryText(report));
  if (json) process.stdout.write(`${JSON.stringify(summary(report))}\n`);
  return report.passed;
}

function outcomeText(outcome: MutantOutcome | CleanOutcome): string {
  if (outcome.kind === 'clean') {
    const { relay, load, accused } = outcome;
    const said = accused.length === 0 ? 'accused of nothing' : `ACCUSED by ${accused.join(', ')}`;
    return `${`clean ${relay}`.padEnd(ID_WIDTH)} ${said} (load ${load})`;
  }
  const { mutant, silent, fired } = outcome;
  const said = silent.length === 0 ? `caught by ${fired.join(', ')}` : `NOT CAUGHT by ${silent.join(', ')}`;
  return `${mutant.id.padEnd(ID_WIDTH)} ${said}`;
}

function summaryText({ mutants, clean }: SelfTestReport): string {
  const caught = mutants.filter(({ silent }) => silent.length === 0).length;
  const accused = clean.filter((outcome) => outcome.accused.length > 0).length;
  return `${caught} of ${mutants.length} mutants caught; ${accused} of ${clean.length} runs of clean relays accused`;
}

function summary({ mutants, clean, notRun, passed }: SelfTestReport): unknown {
  return {
    passed,
    notRun,
    mutants: mutants.map(({ mutant, relay, fired, silent }) => ({ id: mutant.id, relay, fired, silent })),
    clean,
  };
}
