/**
 * Counts how often the race probes find their deviation, and how often they accuse a clean relay:
 *
 *   npm run race-counts -- [runs against each deviation] [runs against each clean relay] [relay processes at once] [check…]
 *
 * What cannot be asked counts against it: D2 and D7 have to be found in 99 % of the runs, and every run of a clean relay has to pass.
 */
import { countRace, type Race, type RaceCount, races } from '../harness/conformance/mutants/race-counts.js';

const LEAST_FOUND = 0.99;
/** A run waits more than it works. */
const DEFAULT_LANES = 4;

const [runs = 100, cleanRuns = 1_000, lanes = DEFAULT_LANES] = process.argv.slice(2, 5).map(Number);
const checks = process.argv.slice(5);
if (![runs, cleanRuns, lanes].every((count) => Number.isSafeInteger(count) && count > 0)) {
  process.stderr.write('race-counts takes whole numbers: runs, clean runs, relay processes at once\n');
  process.exit(2);
}
const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());

async function isGood(race: Race, wanted: number): Promise<boolean> {
  const startedAt = performance.now();
  const count = await countRace(race, wanted, lanes, interrupted.signal);
  process.stdout.write(`${line(count, performance.now() - startedAt)}\n`);
  const { failed, notTested } = count;
  return race.isMutant ? failed >= LEAST_FOUND * wanted : failed === 0 && notTested === 0;
}

function line({ name, check, runs: played, failed, notTested }: RaceCount, ms: number): string {
  const open = notTested > 0 ? `, not tested in ${notTested}` : '';
  return `${name.padEnd(16)} ${check}: failed in ${failed} of ${played} runs${open} (${(ms / 1_000).toFixed(0)} s)`;
}

const { mutants, clean } = races();
const isAsked = ({ check }: Race) => checks.length === 0 || checks.includes(check);
let allGood = true;
for (const race of mutants.filter(isAsked)) allGood = (await isGood(race, runs)) && allGood;
for (const race of clean.filter(isAsked)) allGood = (await isGood(race, cleanRuns)) && allGood;
process.exitCode = allGood && !interrupted.signal.aborted ? 0 : 1;
