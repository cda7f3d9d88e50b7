/**
 * Annotations for GitHub Actions: workflow commands, a line each, that GitHub shows on the run and the pull request.
 * Source: GitHub Actions, "Workflow commands for GitHub Actions".
 */
import type { GateResult, RelayResult, Results } from '../harness/results.js';
import { countsAsFailed, endingOf, failedChecks } from './findings.js';
import { printable } from './printable.js';
import { verdictSentence, verdicts, withoutVerdict } from './words.js';

type Severity = 'error' | 'warning' | 'notice';

interface Annotation {
  readonly severity: Severity;
  readonly title: string;
  readonly text: string;
}

/** GitHub shows so many of a severity for a step and drops the others without a word. */
const SHOWN_OF_A_SEVERITY = 10;
const LONGEST_TEXT = 1_000;

/** What went wrong, what spoils the figures, and every verdict; worst first. Ends with a newline. */
export function renderGithub(results: Results): string {
  const all = annotationsOf(results);
  const lines = (['error', 'warning', 'notice'] as const).flatMap((severity) =>
    withinBounds(all.filter((annotation) => annotation.severity === severity)),
  );
  return lines.map(command).join('');
}

function annotationsOf(results: Results): readonly Annotation[] {
  return [
    ...results.relays.flatMap(relayAnnotations),
    ...results.gates.flatMap(gateAnnotations),
    ...results.warnings.map(
      ({ code, text }): Annotation => ({ severity: 'warning', title: code.replaceAll('-', ' '), text }),
    ),
    ...(results.comparisons.length === 0 ? [summaryOf(results)] : []),
    ...verdicts(results).map(
      (verdict): Annotation => ({
        severity: 'notice',
        title: verdict.subject,
        text: [verdictSentence(verdict), verdict.caution].filter(Boolean).join('. '),
      }),
    ),
  ];
}

function summaryOf(results: Results): Annotation {
  return {
    severity: 'notice',
    title: `reqbench ${results.scenario.name}`,
    text: withoutVerdict(results),
  };
}

function relayAnnotations(relay: RelayResult): readonly Annotation[] {
  const ending = endingOf(relay);
  const { conformance } = relay;
  const failed = conformance
    ? failedChecks(relay).map((check): Annotation => {
        const { id, failedCases, seen, failures, requirement } = check;
        return {
          severity: countsAsFailed(check, conformance) ? 'error' : 'warning',
          title: `${relay.name}: ${id}`,
          text: `${failedCases} of ${seen} cases: ${failures[0]?.message ?? requirement}`,
        };
      })
    : [];
  return ending === undefined
    ? failed
    : [{ severity: 'error', title: `${relay.name} did not finish`, text: ending }, ...failed];
}

function gateAnnotations({ rule, result, actual }: GateResult): readonly Annotation[] {
  if (result === 'passed') return [];
  return result === 'failed'
    ? [{ severity: 'error', title: `gate failed: ${rule}`, text: actual }]
    : [{ severity: 'warning', title: `gate not measurable: ${rule}`, text: actual }];
}

/** The last one that there is room for says how many there are besides. */
function withinBounds(annotations: readonly Annotation[]): readonly Annotation[] {
  const over = annotations.length - SHOWN_OF_A_SEVERITY;
  const [first] = annotations;
  if (over <= 0 || !first) return annotations;
  const text = `${over + 1} more of this kind are in the report`;
  return [
    ...annotations.slice(0, SHOWN_OF_A_SEVERITY - 1),
    { severity: first.severity, title: 'more', text },
  ];
}

function command({ severity, title, text }: Annotation): string {
  return `::${severity} title=${property(printable(title, 200))}::${data(printable(text, LONGEST_TEXT))}\n`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
