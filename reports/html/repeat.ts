import { loadWorkersIn, NULL_RELAY, type RelayResult, type Results } from '../../harness/results.js';
import { isMeasured } from '../findings.js';
import { printable } from '../printable.js';

/** Commands of relays are words, too. */
const LONGEST_WORD = 4_000;

const DEFAULT_PAIR = 'streaming batched';

/** The command that runs this again, as far as results know it; fit to be shown and to be pasted. */
export function repeatCommand(results: Results): string {
  const { scenario, rounds, relays, sweep } = results;
  const contending = relays.filter(({ name }) => name !== NULL_RELAY);
  const named = contending.map((relay) => `--relay ${quoted(specOf(relay))}`);
  if (!isMeasured(results)) return ['npx reqbench conform', ...named].join(' ');
  const workers = loadWorkersIn(results);
  const isDefault = contending.map(({ name }) => name).join(' ') === DEFAULT_PAIR;
  const parts = [
    `npx reqbench run ${quoted(scenario.file ?? `${scenario.name}.yaml`)}`,
    `--seed ${scenario.seed}`,
    `--epoch ${quoted(scenario.epoch)}`,
    ...(scenario.overrides ?? []).map((override) => `--set ${quoted(override)}`),
    ...(sweep ? [`--sweep ${quoted(`${sweep.parameter}=${valuesOf(sweep)}`)}`] : []),
    ...(rounds.length ? [`--rounds ${rounds.length}`] : []),
    ...(workers > 1 ? [`--workers ${workers}`] : []),
    ...(isDefault ? [] : named),
    ...(relays.length > contending.length ? [] : ['--no-null']),
    ...(relays.some(({ loaded }) => loaded) ? ['--load'] : []),
    ...(scenario.gates ?? []).map((gate) => `--gate ${quoted(gate)}`),
  ];
  return parts.join(' ');
}

function valuesOf({ points }: NonNullable<Results['sweep']>): string {
  return points.map(({ value }) => value).join(',');
}

function specOf({ name, spec, target }: RelayResult): string {
  if (spec !== undefined) return spec;
  switch (target.kind) {
    case 'attached':
      return target.url ?? name;
    case 'command':
      return target.command === undefined ? name : `${name}=${target.command}`;
    case 'builtin':
    case 'module':
      return name;
  }
}

/** One word for a POSIX shell. */
function quoted(text: string): string {
  const shown = printable(text, LONGEST_WORD);
  return /^[\w./:@%+=,-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`;
}
