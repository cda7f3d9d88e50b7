/**
 * `npm run bench:checking`: what the invariants cost under load. Looks for the highest arrival rate of home-timeline that this machine
 * carries with every invariant on, then plays that rate with invariants on and off in turns, and gives the figures as ratios. All of it
 * takes `--minutes` at most, and a run more: two fifths of them are for the search. A rate that the search found and that is not carried
 * in one of the turns is given up for a lower one.
 * `-- --relay SPEC --minutes M --repetitions N --seconds S --rate ARRIVALS --out FILE --docs` (`--rate`: that one and no search;
 * `--docs`: the table goes into docs/method.md)
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../bench/bench-case.js';
import { selectMetric } from '../harness/measure/assemble.js';
import { PACKAGE_ROOT } from '../harness/package.js';
import { type Results, resultsSchema } from '../harness/results.js';
import { writeMethodBlock } from './document-block.js';

const SCENARIO = 'home-timeline';
/** The phase with arrivals in {@link SCENARIO}. */
const PHASE = 1;
const FIRST_PER_S = 80;
const LEAST_PER_S = 5;
/** No machine of today's carries more; the search has to end. */
const MOST_PER_S = 10_240;
/** Steps of the search between a rate that was carried and twice that. */
const HALVINGS = 3;
/** Where answers take longer than this, a queue grows: the relay doesn't carry the load. */
const MOST_EOSE_MS = 100;
/** A run that takes longer than this is drowning. */
const MOST_RUN_MS = 60_000;
const SEARCH_SHARE = 0.4;
/** Fewer pairs say nothing, however late it is. */
const LEAST_PAIRS = 2;
/** The next rate after one that was carried in the search only. */
const LOWER = 0.85;

const { values: options } = parseArgs({
  options: {
    relay: { type: 'string', default: 'streaming' },
    minutes: { type: 'string', default: '5' },
    repetitions: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '4' },
    rate: { type: 'string' },
    out: { type: 'string' },
    docs: { type: 'boolean', default: false },
  },
});

/** What one run says. */
interface Figures {
  readonly bound: boolean;
  /** Events received per second of the window. */
  readonly eventsPerS: number;
  readonly eoseP50Ms: number;
  readonly eoseP99Ms: number;
  /** CPU seconds of the generator per second. */
  readonly generatorCpu: number;
  readonly headroom: number;
  readonly checked: number;
}

const FIGURES = ['eventsPerS', 'eoseP50Ms', 'eoseP99Ms', 'generatorCpu', 'headroom'] as const;

async function main(): Promise<void> {
  const startedMs = performance.now();
  const budgetMs = positive('minutes') * 60_000;
  const repetitions = positive('repetitions');
  positive('seconds');
  const found =
    options.rate === undefined ? await highestRate(startedMs + SEARCH_SHARE * budgetMs) : positive('rate');
  const { perS, pairs } = await playPairs(found, repetitions, startedMs + budgetMs);
  const report = {
    scenario: SCENARIO,
    relay: options.relay,
    arrivalsPerS: perS,
    pairs,
    summary: summary(pairs),
  };
  if (options.out !== undefined) await writeFile(options.out, `${JSON.stringify(report, undefined, 2)}\n`);
  const page = table(report.summary, perS, pairs);
  process.stdout.write(`${page}\n`);
  if (options.docs) writeMethodBlock({ name: 'checking', command: 'bench:checking' }, page);
}

interface Pair {
  readonly on: Figures;
  readonly off: Figures;
}

/** Plays pairs at one rate until there are enough or the time is up; goes down from a rate that isn't carried, unless it was asked for. */
async function playPairs(
  found: number,
  repetitions: number,
  untilMs: number,
): Promise<{ perS: number; pairs: readonly Pair[] }> {
  let perS = found;
  let pairs: Pair[] = [];
  let fromMs = performance.now();
  while (pairs.length < repetitions) {
    const perPairMs = pairs.length === 0 ? 0 : (performance.now() - fromMs) / pairs.length;
    if (pairs.length >= LEAST_PAIRS && performance.now() + perPairMs > untilMs) break;
    const played = await unlessDrowned(perS, () => pair(perS, pairs.length % 2 === 0));
    if (played) pairs.push(played);
    const isKept = options.rate !== undefined || perS * LOWER < LEAST_PER_S;
    if (!played && isKept) throw new Error(`${perS} arrivals a second are not carried`);
    if (played && (isKept || isCarriedBy(played.on))) continue;
    say(`${perS}/s is not carried every time`);
    perS = Math.round(perS * LOWER);
    pairs = [];
    fromMs = performance.now();
  }
  return { perS, pairs };
}

const isCarriedBy = ({ bound, eoseP50Ms }: Figures): boolean => !bound && eoseP50Ms < MOST_EOSE_MS;

/** The same rate with invariants on and off, the one or the other first. */
async function pair(perS: number, isOnFirst: boolean): Promise<Pair> {
  const first = await play(perS, isOnFirst);
  const second = await play(perS, !isOnFirst);
  return isOnFirst ? { on: first, off: second } : { on: second, off: first };
}

/** The number that an option gives. */
function positive(option: 'minutes' | 'repetitions' | 'seconds' | 'rate'): number {
  const value = Number(options[option]);
  if (value > 0 && Number.isFinite(value)) return value;
  process.stderr.write(`--${option} ${options[option]}: a number above 0\n`);
  process.exit(2);
}

/** Doubles the rate until it isn't carried any more, or halves it until it is, then halves the distance, as long as there is time. */
async function highestRate(untilMs: number): Promise<number> {
  const isTimeUp = (): boolean => performance.now() > untilMs;
  let carried = 0;
  let beyond = FIRST_PER_S;
  while (beyond <= MOST_PER_S && !isTimeUp() && (await isCarried(beyond))) {
    carried = beyond;
    beyond *= 2;
  }
  // A slow or a busy machine: down, as long as it takes.
  for (let perS = beyond / 2; carried === 0 && perS >= LEAST_PER_S; perS /= 2) {
    if (await isCarried(perS)) carried = perS;
    else beyond = perS;
  }
  if (carried === 0)
    throw new Error(`not even ${beyond} arrivals a second are carried: is the machine busy?`);
  for (let halving = 0; halving < HALVINGS && !isTimeUp(); halving += 1) {
    const middle = Math.round((carried + beyond) / 2);
    if (await isCarried(middle)) carried = middle;
    else beyond = middle;
  }
  const isShort = isTimeUp() ? `; the time for the search was up, it may carry up to ${beyond}` : '';
  say(`highest rate carried with every invariant on: ${carried} arrivals a second${isShort}`);
  return carried;
}

async function isCarried(perS: number): Promise<boolean> {
  const played = await unlessDrowned(perS, () => play(perS, true));
  return played !== undefined && isCarriedBy(played);
}

/** Undefined for what could not keep up with its load, which is said. */
async function unlessDrowned<Played>(
  perS: number,
  playing: () => Promise<Played>,
): Promise<Played | undefined> {
  try {
    return await playing();
  } catch (error) {
    if (!(error instanceof Drowned)) throw error;
    say(`${perS}/s: ${error.message}`);
    return undefined;
  }
}

/** A run that could not keep up with its load. */
class Drowned extends Error {
  override readonly name = 'Drowned';
}

async function play(perS: number, isChecked: boolean): Promise<Figures> {
  const dir = await mkdtemp(join(tmpdir(), 'reqbench-checking-'));
  try {
    const said = await runReqbench([
      'run',
      SCENARIO,
      ...['--relay', options.relay, '--no-null', '--rounds', '1', '--out', dir],
      ...['--set', `phases.${PHASE}.duration=${options.seconds}s`],
      ...['--set', `phases.${PHASE}.arrivals.poisson=${perS}/s`],
      ...(isChecked ? [] : ['--no-check']),
    ]);
    const results = resultsSchema.parse(JSON.parse(await resultsIn(dir, said)));
    const figures = figuresOf(results);
    say(`${perS}/s, invariants ${isChecked ? 'on' : 'off'}: ${inWords(figures)}`);
    return figures;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function resultsIn(dir: string, said: string): Promise<string> {
  try {
    return await readFile(join(dir, 'results.json'), 'utf8');
  } catch {
    throw new Error(`reqbench wrote no results: ${said.slice(-2_000)}`);
  }
}

/** Gates that fail or can't be measured are expected here: the figures are what is asked for. Resolves with what was said on stderr. */
function runReqbench(args: readonly string[]): Promise<string> {
  const program = join(PACKAGE_ROOT, 'dist/bin/reqbench.js');
  return new Promise((resolve, reject) => {
    // Interrupted, it stops its relay.
    const limits = { timeout: MOST_RUN_MS, killSignal: 'SIGINT', maxBuffer: 64 * 1024 * 1024 } as const;
    execFile(process.execPath, [program, ...args], limits, (error, _stdout, stderr) => {
      const { code } = error ?? { code: 0 };
      if (code === 0 || code === 1 || code === 4) resolve(stderr);
      else if (code === 130 || error?.killed) reject(new Drowned(`not over after ${MOST_RUN_MS / 1000} s`));
      else reject(new Error(`reqbench ${args.join(' ')} ended with ${code}: ${stderr.slice(-2_000)}`));
    });
  });
}

function figuresOf({ relays: [relay], harness }: Results): Figures {
  if (relay?.status !== 'ok') throw new Drowned(`the relay did not finish: ${relay?.status}`);
  const eose = selectMetric(relay.metrics, 'req.eose');
  return {
    bound: harness.bound,
    eventsPerS: selectMetric(relay.metrics, 'events.received.rate')?.mean ?? Number.NaN,
    eoseP50Ms: eose?.p50 ?? Number.NaN,
    eoseP99Ms: eose?.p99 ?? Number.NaN,
    generatorCpu: harness.cpu ?? Number.NaN,
    headroom: harness.headroom ?? Number.NaN,
    checked: relay.conformance?.checked ?? 0,
  };
}

interface Row {
  readonly figure: (typeof FIGURES)[number];
  readonly on: number;
  readonly off: number;
  /** On to off within a repetition: median, least and largest. */
  readonly ratio: readonly [number, number, number];
}

function summary(pairs: readonly Pair[]): readonly Row[] {
  return FIGURES.map((figure) => {
    const ratios = pairs.map(({ on, off }) => on[figure] / off[figure]);
    return {
      figure,
      on: median(pairs.map(({ on }) => on[figure])),
      off: median(pairs.map(({ off }) => off[figure])),
      ratio: [median(ratios), Math.min(...ratios), Math.max(...ratios)],
    };
  });
}

const TITLES: Readonly<Record<Row['figure'], string>> = {
  eventsPerS: 'events received per second',
  eoseP50Ms: 'time to EOSE, p50 (ms)',
  eoseP99Ms: 'time to EOSE, p99 (ms)',
  generatorCpu: 'CPU of the generator (cores)',
  headroom: 'headroom of the generator',
};

function table(rows: readonly Row[], perS: number, pairs: readonly Pair[]): string {
  // A percentile takes samples, which a slow machine doesn't have.
  const lines = rows
    .filter(({ on, off }) => Number.isFinite(on) && Number.isFinite(off))
    .map(({ figure, on, off, ratio: [middle, least, largest] }) => {
      const ratio = `${middle.toFixed(3)} (${least.toFixed(3)} – ${largest.toFixed(3)})`;
      return `| ${TITLES[figure]} | ${on.toPrecision(4)} | ${off.toPrecision(4)} | ${ratio} |`;
    });
  const bound = pairs.filter(({ on, off }) => on.bound || off.bound).length;
  return [
    `${SCENARIO} at ${perS} arrivals a second against ${options.relay}, ${options.seconds} s, ${pairs.length} repetitions on and off in turns, harness-bound in ${bound} of them (${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores)`,
    '',
    '| figure | invariants on | off | on / off (least – largest) |',
    '|---|---|---|---|',
    ...lines,
  ].join('\n');
}

function inWords({ bound, eventsPerS, eoseP50Ms, headroom }: Figures): string {
  const load = `${Math.round(eventsPerS)} events/s, EOSE p50 ${eoseP50Ms.toFixed(2)} ms`;
  return `${load}, headroom ${headroom.toFixed(2)}${bound ? ', harness-bound' : ''}`;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

await main();
