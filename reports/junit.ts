/**
 * junit.xml: checks and gates as test cases, for CI systems. Written here rather than by a library: the one that
 * is common (junit-report-builder) can't give the reason of a skipped test and brings lodash for it.
 */
import type { CheckResult, Conformance, GateResult, RelayResult, Results } from '../harness/results.js';
import { countsAsFailed, endingOf } from './findings.js';
import { printable } from './printable.js';

interface Outcome {
  readonly element: 'failure' | 'error' | 'skipped' | 'system-out';
  readonly message: string;
  readonly text?: string;
}

interface TestCase {
  readonly className: string;
  readonly name: string;
  readonly outcome?: Outcome | undefined;
}

interface Suite {
  readonly name: string;
  readonly cases: readonly TestCase[];
}

/** The results as JUnit XML, one suite a relay and one for the gates; ends with a newline. */
export function renderJunit(results: Results): string {
  const suites = [...results.relays.map(relaySuite), gateSuite(results.gates)].filter(
    ({ cases }) => cases.length > 0,
  );
  const cases = suites.flatMap((suite) => suite.cases);
  const attributes = { name: `reqbench ${results.scenario.name}`, ...totals(cases) };
  const body = suites.map((suite) => suiteXml(suite, results.startedAt)).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${attributesXml(attributes)}>\n${body}</testsuites>\n`;
}

function relaySuite(relay: RelayResult): Suite {
  const ending = endingOf(relay);
  const runs: TestCase = {
    className: relay.name,
    name: 'relay runs',
    outcome: ending === undefined ? undefined : { element: 'error', message: ending, text: logOf(relay) },
  };
  const { conformance } = relay;
  const checks = conformance?.checks.map((check) => checkCase(relay.name, check, conformance)) ?? [];
  return { name: relay.name, cases: [runs, ...checks] };
}

function logOf({ error }: RelayResult): string {
  return (error?.logTail ?? []).join('\n');
}

function checkCase(relay: string, check: CheckResult, conformance: Conformance): TestCase {
  const section = check.id.split('/').slice(0, -1).join('.');
  return {
    className: section ? `${relay}.${section}` : relay,
    name: `${check.id}: ${check.title} (${check.level})`,
    outcome: checkOutcome(check, conformance),
  };
}

function checkOutcome(check: CheckResult, conformance: Conformance): Outcome | undefined {
  switch (check.result) {
    case 'passed':
      return undefined;
    case 'failed':
      return countsAsFailed(check, conformance)
        ? { element: 'failure', message: summaryOf(check), text: evidenceOf(check) }
        : { element: 'skipped', message: `${check.level}, doesn't count as failed: ${summaryOf(check)}` };
    case 'observed':
      return {
        element: 'system-out',
        message: '',
        text: `observed: ${summaryOf(check)}\n${evidenceOf(check)}`,
      };
    case 'not-supported':
      return { element: 'skipped', message: 'not supported: the relay does not claim it' };
    case 'not-tested':
      return { element: 'skipped', message: `not tested: ${check.note ?? 'the run gave no case to judge'}` };
  }
}

function summaryOf({ failedCases, seen, failures, requirement }: CheckResult): string {
  return `${failedCases} of ${seen} cases: ${failures[0]?.message ?? requirement}`;
}

function evidenceOf({ requirement, reference, failures }: CheckResult): string {
  const lines = failures.flatMap(({ message, round, connection, excerpt }) => [
    '',
    `${message}${round === undefined ? '' : `, round ${round}`}${connection === undefined ? '' : `, connection ${connection}`}`,
    ...excerpt.map(
      ({ atMs, direction, text }) => `${atMs.toFixed(3)} ms ${direction} ${printable(text, 500)}`,
    ),
  ]);
  return [`${requirement} (${reference})`, ...lines].join('\n');
}

function gateSuite(gates: readonly GateResult[]): Suite {
  const cases = gates.map(({ rule, result, actual }): TestCase => {
    const outcomes: Record<GateResult['result'], Outcome | undefined> = {
      passed: undefined,
      failed: { element: 'failure', message: actual },
      'not-measurable': { element: 'error', message: `not measurable: ${actual}` },
    };
    return { className: 'gates', name: rule, outcome: outcomes[result] };
  });
  return { name: 'gates', cases };
}

function totals(cases: readonly TestCase[]): Record<string, string> {
  const count = (element: Outcome['element']) =>
    cases.filter(({ outcome }) => outcome?.element === element).length;
  return {
    tests: String(cases.length),
    failures: String(count('failure')),
    errors: String(count('error')),
    skipped: String(count('skipped')),
  };
}

function suiteXml({ name, cases }: Suite, timestamp: string): string {
  const attributes = { name, ...totals(cases), timestamp };
  return `  <testsuite${attributesXml(attributes)}>\n${cases.map(caseXml).join('')}  </testsuite>\n`;
}

function caseXml({ className, name, outcome }: TestCase): string {
  const attributes = attributesXml({ classname: className, name });
  if (!outcome) return `    <testcase${attributes}/>\n`;
  const { element, message, text } = outcome;
  const inner = `<${element}${message ? attributesXml({ message }) : ''}>${text ? textXml(text) : ''}</${element}>`;
  return `    <testcase${attributes}>${inner}</testcase>\n`;
}

function attributesXml(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escaped(printable(value, 1000))}"`)
    .join('');
}

/** Lines of text, each {@link printable}: so none holds a character that XML forbids. */
function textXml(text: string): string {
  return text
    .split('\n')
    .map((line) => escaped(printable(line, 1000)))
    .join('\n');
}

/** Escapes for text and attributes; `text` is {@link printable}. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
