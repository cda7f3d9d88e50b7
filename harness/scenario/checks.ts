import type { InputProblem } from '../errors.js';
import { suggestion } from './nearest.js';
import type { Path } from './override.js';
import type { ParsedScenario } from './schema.js';
import { sliceProblems } from './slices.js';
import type { Source } from './source.js';
import type { ScriptStep } from './steps.js';

/** What a valid value alone can't tell: names that must exist, and steps that need others before them. */
export function inconsistencies(scenario: ParsedScenario, source: Source): readonly InputProblem[] {
  const scripts = Object.entries(scenario.clients).flatMap(([kind, { script }]) =>
    scriptProblems(script, ['clients', kind, 'script'], source),
  );
  return [...phaseProblems(scenario, source), ...scripts, ...sliceProblems(scenario, source)];
}

function phaseProblems(scenario: ParsedScenario, source: Source): readonly InputProblem[] {
  const problems: InputProblem[] = [];
  const kinds = Object.keys(scenario.clients);
  if (kinds.length === 0) problems.push({ message: 'no client kinds', at: source.at(['clients']) });
  const names = new Set<string>();
  for (const [index, phase] of scenario.phases.entries()) {
    const at = ['phases', index];
    if (names.has(phase.name)) {
      problems.push({ message: `two phases are named "${phase.name}"`, at: source.at([...at, 'name']) });
    }
    names.add(phase.name);
    if (phase.arrivals.process !== 'closed' && phase.durationMs === undefined) {
      const message = `missing key "duration" in phase "${phase.name}"`;
      problems.push({
        message,
        at: source.at(at),
        hint: 'only closed arrivals can do without: duration: 10s',
      });
    }
    for (const [place, kind] of (phase.clients ?? []).entries()) {
      if (kinds.includes(kind)) continue;
      const message = `unknown client "${kind}" in phase "${phase.name}"`;
      problems.push({ message, at: source.at([...at, 'clients', place]), hint: suggestion(kind, kinds) });
    }
    const known = kinds.filter((kind) => phase.clients?.includes(kind) ?? true);
    const weights = known.map((kind) => scenario.clients[kind]?.weight ?? 0);
    if (known.length > 0 && weights.every((weight) => weight === 0)) {
      problems.push({
        message: `nobody arrives in phase "${phase.name}": all weights are 0`,
        at: source.at(at),
      });
    }
  }
  return problems;
}

/** What the steps so far have made true. */
interface ScriptState {
  connected: boolean;
  readonly labels: Set<string>;
}

function scriptProblems(script: readonly ScriptStep[], path: Path, source: Source): readonly InputProblem[] {
  const found = new Map<string, InputProblem>();
  const report = (at: Path, message: string, hint?: string): void => {
    found.set(`${at.join('.')} ${message}`, { message, at: source.at(at), hint });
  };
  walk(script, path, { connected: false, labels: new Set() }, report);
  return [...found.values()];
}

type Report = (at: Path, message: string, hint?: string) => void;

function walk(script: readonly ScriptStep[], path: Path, state: ScriptState, report: Report): void {
  for (const [index, step] of script.entries()) walkStep(step, [...path, index], state, report);
}

function walkStep(step: ScriptStep, at: Path, state: ScriptState, report: Report): void {
  switch (step.do) {
    case 'connect':
      if (state.connected) report(at, 'already connected here', 'disconnect first');
      state.connected = true;
      return;
    case 'disconnect':
      requireConnection(step, at, state, report);
      state.connected = false;
      return;
    case 'repeat':
      // A second time round, the steps meet what the first has left behind.
      for (let time = 0; time < Math.min(step.times, 2); time += 1) {
        walk(step.steps, [...at, 'repeat', 'do'], state, report);
      }
      return;
    case 'repeat-every':
      shareConnection(step.steps, [...at, 'repeat', 'do'], "can't be repeated on a schedule", report);
      requireConnection(step, at, state, report);
      walk(step.steps, [...at, 'repeat', 'do'], { ...state, connected: true }, report);
      return;
    case 'parallel':
      requireConnection(step, at, state, report);
      for (const [index, branch] of step.branches.entries()) {
        const where = [...at, 'parallel', index];
        shareConnection(branch, where, "can't be in a branch of parallel", report);
        walk(branch, where, { ...state, connected: true }, report);
      }
      return;
    case 'close':
      requireLabel(step.of, [...at, 'close'], state, report);
      return;
    case 'expect':
      requireLabel(step.of, [...at, 'expect', 'of'], state, report);
      if (step.events === undefined && step.closed === undefined) {
        report([...at, 'expect'], 'nothing is expected', 'give events: 100 or closed: auth-required');
      }
      return;
    case 'req':
      state.labels.add(step.as);
      requireConnection(step, at, state, report);
      return;
    case 'auth':
    case 'count':
    case 'publish':
    case 'raw':
    case 'slow-read':
    case 'reconnect':
      requireConnection(step, at, state, report);
      return;
    case 'http':
    case 'wait':
    case 'think':
  }
}

/** Steps that run beside others of their session can't take the connection from them. */
function shareConnection(steps: readonly ScriptStep[], at: Path, problem: string, report: Report): void {
  for (const [index, inner] of steps.entries()) {
    if (inner.do === 'connect' || inner.do === 'disconnect' || inner.do === 'reconnect') {
      report([...at, index], `${inner.do} ${problem}`, 'they share one connection');
    }
  }
}

function requireConnection(step: ScriptStep, at: Path, state: ScriptState, report: Report): void {
  if (state.connected) return;
  const name = step.do === 'repeat-every' ? 'repeat' : step.do;
  report(at, `${name} without a connection`, 'put a connect step before it');
  // One such problem a script is enough.
  state.connected = true;
}

function requireLabel(label: string, at: Path, state: ScriptState, report: Report): void {
  if (state.labels.has(label)) return;
  const labels = [...state.labels];
  const hint = labels.length === 0 ? 'put a req before it' : suggestion(label, labels);
  report(at, `no earlier req has the label "${label}"`, hint);
}
