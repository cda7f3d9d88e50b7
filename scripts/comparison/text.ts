import type { RelayResult, Results } from '../../harness/results.js';
import { hasJudgedFew } from '../../reports/findings.js';
import { tableOf } from '../../reports/markdown-text.js';
import { type Column, cell, failedChecks, figure, isRight, shown, WRONG, warningsOf } from './figure.js';
import { glance, MARKS } from './glance.js';

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

const COLUMNS: readonly Column[] = [
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
];

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
    '## At a glance',
    glance(played),
    MARKS,
    ...(leftOut.length > 0 ? [`Left out:\n\n${leftOut.map((line) => `- ${cell(line)}`).join('\n')}`] : []),
    ...played.map(section),
  ]
    .join('\n\n')
    .concat('\n');
}

function section({ name, results }: ComparedScenario): string {
  const { relays, warnings, corpus, harness, scenario } = results;
  const columns = COLUMNS.filter((column) =>
    relays.some((relay) => figure(relay, [column[0], column[1], 'count']) && figure(relay, column) !== 0),
  );
  const header = [
    'relay',
    ...columns.map(([title]) => title),
    'REQs answered right',
    'what stands against it',
  ];
  const rows = relays.map((relay) => [
    `${cell(relay.name)}${isRight(relay) ? '' : ` ${WRONG}`}`,
    ...columns.map((column) => shown(relay, column, warnings)),
    answers(relay),
    objections(relay, results),
  ]);
  const rounds = results.rounds.length;
  const about = [
    `${corpus.events} events, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}`,
    ...(harness.headroom === null
      ? []
      : [`the generator could have carried ${harness.headroom.toFixed(1)} times the load at its busiest`]),
  ].join('; ');
  return [
    `## ${name}`,
    `${cell(scenario.description ?? '')} ${about}.`,
    tableOf(header, rows, '--:').join('\n'),
    ...(warnings.length > 0 ? [warnings.map(({ text }) => `- ${cell(text)}`).join('\n')] : []),
  ].join('\n\n');
}

function answers({ work: judged, conformance }: RelayResult): string {
  if (!judged || judged.judged === 0) return conformance ? 'not judged' : '–';
  return judged.equal === judged.judged ? `all ${judged.judged}` : `${judged.equal} of ${judged.judged}`;
}

/** An end before time, failed checks, those that could judge less than half of their cases, and warnings about it. */
function objections(relay: RelayResult, results: Results): string {
  const undecided = relay.conformance?.checks.filter(hasJudgedFew) ?? [];
  return [
    ...(relay.status === 'ok' ? [] : [`${relay.status}: ${relay.error?.message ?? ''}`]),
    ...failedChecks(relay).map(({ id, failedCases }) => `${id} failed (${failedCases}×)`),
    ...undecided.map(
      ({ id, seen, setAside }) =>
        `${id}: ${seen === 0 ? 'none' : `only ${seen}`} of ${seen + setAside} cases could be judged`,
    ),
    ...new Set(warningsOf(relay, results).map(({ code }) => code)),
  ]
    .map(cell)
    .join('; ');
}
