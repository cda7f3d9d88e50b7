import type { RelayResult, Results } from '../../harness/results.js';

export interface ComparedScenario {
  readonly name: string;
  readonly results: Results;
}

export interface ComparedAll {
  readonly played: readonly ComparedScenario[];
  readonly relays: readonly string[];
  /** Relays that did not run, and why. */
  readonly leftOut: readonly string[];
  /** How long all of it took. */
  readonly seconds: number;
}

/** A column of figures: what it is called, the metric and its statistic. */
const COLUMNS = [
  ['first event p50', 'req.ttfe', 'p50'],
  ['EOSE p50', 'req.eose', 'p50'],
  ['EOSE p90', 'req.eose', 'p90'],
  ['OK p50', 'event.ok', 'p50'],
  ['delivery p50', 'event.delivery', 'p50'],
  ['events/s', 'events.received.rate', 'mean'],
  ['CPU', 'cpu.time', 'mean'],
  ['anonymous memory', 'memory.anon.peak', 'mean'],
  ['lost', 'lost', 'count'],
  ['refused', 'refused', 'count'],
] as const;

/** docs/comparison.md of a run; `reqbench` has judged everything in it. */
export function comparisonText({ played, relays, leftOut, seconds }: ComparedAll): string {
  const environment = played[0]?.results.environment;
  const machine = environment
    ? ` on ${environment.cores} cores of ${environment.cpu}, Node ${environment.node}`
    : '';
  return [
    '# Comparison',
    `Made by \`npm run comparison\` in ${seconds} s${machine}. ${relays.length} relays, each with a fresh process and a copy of its ` +
      'loaded folder in every round, next to the null relay, the floor of harness, sockets and machine. Every figure is one of ' +
      "a single run on one machine; [method.md](method.md) says how each comes about and what it can't tell.",
    "Speed is compared only between relays whose answers were the oracle's. The last column says what stands against that: " +
      "it is made of the run's own checks and warnings.",
    ...(leftOut.length > 0 ? ['Left out:\n', leftOut.map((line) => `- ${cell(line)}`).join('\n')] : []),
    ...played.map(section),
  ]
    .join('\n\n')
    .concat('\n');
}

function section({ name, results }: ComparedScenario): string {
  const columns = COLUMNS.filter(([, metric]) =>
    results.relays.some((relay) => figure(relay, metric, 'count')),
  );
  const header = [
    'relay',
    ...columns.map(([title]) => title),
    'REQs answered right',
    'what stands against it',
  ];
  const rows = results.relays.map((relay) => [
    relay.name,
    ...columns.map(([, metric, statistic]) => shown(relay, metric, statistic)),
    answers(relay),
    objections(relay, results),
  ]);
  const rounds = results.rounds.length;
  const headroom = results.harness.headroom;
  const about = [
    `${results.corpus.events} events, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}`,
    ...(headroom === null
      ? []
      : [`the generator could have carried ${headroom.toFixed(1)} times the load at its busiest`]),
  ].join('; ');
  const general = results.warnings.filter(
    ({ text }) => !results.relays.some((relay) => text.includes(relay.name)),
  );
  return [
    `## ${name}`,
    `${results.scenario.description} ${about}.`,
    table([header, ...rows]),
    ...(general.length > 0 ? [general.map(({ text }) => `- ${cell(text)}`).join('\n')] : []),
  ].join('\n\n');
}

function figure(
  relay: RelayResult,
  metric: string,
  statistic: 'p50' | 'p90' | 'mean' | 'count',
): number | null {
  const whole = relay.metrics.find((one) => one.metric === metric && Object.keys(one.labels).length === 0);
  return whole?.[statistic] ?? null;
}

function shown(relay: RelayResult, metric: string, statistic: 'p50' | 'p90' | 'mean' | 'count'): string {
  const value = figure(relay, metric, statistic);
  if (value === null) return '–';
  const unit = relay.metrics.find((one) => one.metric === metric)?.unit;
  if (unit === 'bytes') return `${(value / 1024 ** 2).toPrecision(3)} MiB`;
  if (unit === 'ms' || unit === 's') return `${value.toPrecision(3)} ${unit}`;
  return String(Math.round(value));
}

function answers({ work: judged, conformance }: RelayResult): string {
  if (!judged || judged.judged === 0) return conformance ? 'not judged' : '–';
  return judged.equal === judged.judged ? `all ${judged.judged}` : `${judged.equal} of ${judged.judged}`;
}

/** Failed checks, those that had cases and could judge none of them, an end before time, and warnings that name the relay. */
function objections(relay: RelayResult, { warnings }: Results): string {
  const failed =
    relay.conformance?.checks.filter(({ result, level }) => result === 'failed' && level !== 'INFO') ?? [];
  const undecided =
    relay.conformance?.checks.filter(
      ({ result, seen, setAside }) => result === 'not-tested' && seen === 0 && setAside > 0,
    ) ?? [];
  return [
    ...(relay.status === 'ok' ? [] : [`${relay.status}: ${relay.error?.message ?? ''}`]),
    ...failed.map(({ id, failedCases }) => `${id} failed (${failedCases}×)`),
    ...undecided.map(({ id, setAside }) => `${id}: none of ${setAside} cases could be judged`),
    ...new Set(warnings.filter(({ spoils }) => spoils.includes(relay.name)).map(({ code }) => code)),
  ]
    .map(cell)
    .join('; ');
}

function table(rows: readonly (readonly string[])[]): string {
  const [header = [], ...body] = rows;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...body.map(line)].join('\n');
}

/** Text of relays in a table of Markdown: one line, nothing that formats or closes the cell. */
function cell(text: string): string {
  return text
    .replace(/[^\x20-\x7e\u00a0-\uffff]+/g, ' ')
    .replace(/[|<>`\\[\]*_]/g, (sign) => `\\${sign}`)
    .slice(0, 300);
}
