/** Test Anything Protocol, version 14: a line a check, with the evidence of failures in YAML blocks. */
import type { CheckResult, Conformance, RelayResult, Results } from '../harness/results.js';
import { countsAsFailed, endingOf } from './findings.js';
import { printable } from './printable.js';

/** The checks of all relays as TAP 14, numbered through; ends with a newline. */
export function renderTap(results: Results): string {
  const points = results.relays.flatMap(relayPoints);
  const numbered = points.map(({ ok, text, block }, index) =>
    [`${ok ? 'ok' : 'not ok'} ${index + 1} - ${text}`, ...block].join('\n'),
  );
  return `${['TAP version 14', `1..${points.length}`, ...numbered].join('\n')}\n`;
}

interface Point {
  readonly ok: boolean;
  /** Description and directive. */
  readonly text: string;
  readonly block: readonly string[];
}

function relayPoints(relay: RelayResult): readonly Point[] {
  const ending = endingOf(relay);
  const name = described(relay.name, 60);
  const runs: Point = {
    ok: ending === undefined,
    text: `${name}: relay runs`,
    block: ending === undefined ? [] : yaml([['message', ending]]),
  };
  const { conformance } = relay;
  return [runs, ...(conformance?.checks ?? []).map((check) => checkPoint(name, check, conformance))];
}

function checkPoint(relay: string, check: CheckResult, conformance: Conformance | null): Point {
  const description = `${relay}: ${described(check.id, 100)} ${described(check.title, 200)} (${check.level})`;
  const note = described(check.note ?? '', 300);
  switch (check.result) {
    case 'passed':
    case 'observed':
      return { ok: true, text: description, block: note === '' ? [] : yaml([['note', note]]) };
    case 'not-supported':
      return { ok: true, text: `${description} # SKIP not supported`, block: [] };
    case 'not-tested':
      return {
        ok: true,
        text: `${description} # SKIP not tested${note === '' ? '' : `: ${note}`}`,
        block: [],
      };
    case 'failed': {
      const counts = conformance !== null && countsAsFailed(check, conformance);
      return { ok: false, text: `${description}${counts ? '' : ' # TODO SHOULD'}`, block: evidence(check) };
    }
  }
}

function evidence({ requirement, reference, failures }: CheckResult): readonly string[] {
  const [first] = failures;
  const wire = (first?.excerpt ?? []).map(
    ({ atMs, direction, text }) => `${atMs.toFixed(3)} ms ${direction} ${printable(text, 500)}`,
  );
  return yaml([
    ['message', first?.message ?? ''],
    ['requirement', `${requirement} (${reference})`],
    ['wire', wire],
  ]);
}

/** A YAML block; JSON strings are YAML strings. */
function yaml(entries: readonly (readonly [string, string | readonly string[]])[]): readonly string[] {
  const lines = entries.flatMap(([key, value]) =>
    typeof value === 'string'
      ? [`  ${key}: ${JSON.stringify(printable(value, 1_000))}`]
      : [`  ${key}:`, ...value.map((line) => `    - ${JSON.stringify(line)}`)],
  );
  return ['  ---', ...lines, '  ...'];
}

/** Text on a line of TAP: a `#` would begin a directive. */
function described(text: string, length: number): string {
  return printable(text, length).replaceAll('\\', '\\\\').replaceAll('#', '\\#');
}
