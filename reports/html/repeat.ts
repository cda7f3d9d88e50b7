import { loadWorkersIn, NULL_RELAY, type RelayResult, type Results } from '../../harness/results.js';
import { printable } from '../printable.js';

const DEFAULT_PAIR = 'streaming batched';

/** The command that runs this again, as far as results know it; fit to be shown and to be pasted. */
export function repeatCommand(results: Results): string {
  const { scenario, rounds, relays } = results;
  const contending = relays.filter(({ name }) => name !== NULL_RELAY);
  const workers = loadWorkersIn(results);
  const isDefault = contending.map(({ name }) => name).join(' ') === DEFAULT_PAIR;
  const parts = [
    `npx reqbench run ${quoted(`${scenario.name}.yaml`)}`,
    `--seed ${scenario.seed}`,
    `--epoch ${quoted(scenario.epoch)}`,
    ...(rounds.length ? [`--rounds ${rounds.length}`] : []),
    ...(workers > 1 ? [`--workers ${workers}`] : []),
    ...(isDefault ? [] : contending.map((relay) => `--relay ${quoted(specOf(relay))}`)),
    ...(relays.length > contending.length ? [] : ['--no-null']),
    ...(relays.some(({ loaded }) => loaded) ? ['--load'] : []),
  ];
  return parts.join(' ');
}

function specOf({ name, target }: RelayResult): string {
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
  const shown = printable(text, 400);
  return /^[\w./:@%+=-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`;
}
