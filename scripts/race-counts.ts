/**
 * Counts how often the race probes find their deviation, and how often they accuse a clean relay:
 *
 *   npm run race-counts -- [runs against each deviation] [runs against each clean relay]
 */
import { countRace, type RaceCount, races } from '../harness/conformance/mutants/race-counts.js';

const LEAST_FOUND = 0.99;

const [runs = 100, cleanRuns = 1_000] = process.argv.slice(2).map(Number);
const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());

const { mutants, clean } = races();
let isGood = true;

function report(
  { name, check, runs: played, failed, notTested }: RaceCount,
  ms: number,
  good: boolean,
): void {
  isGood &&= good;
  const open = notTested > 0 ? `, not tested in ${notTested}` : '';
  const seconds = (ms / 1_000).toFixed(1);
  process.stdout.write(
    `${name.padEnd(16)} ${check}: failed in ${failed} of ${played} runs${open} (${seconds} s)\n`,
  );
}

for (const race of mutants) {
  const startedAt = performance.now();
  const count = await countRace(race, runs, interrupted.signal);
  report(count, performance.now() - startedAt, count.failed >= LEAST_FOUND * runs);
}
for (const race of clean) {
  const startedAt = performance.now();
  const count = await countRace(race, cleanRuns, interrupted.signal);
  report(count, performance.now() - startedAt, count.failed === 0 && count.notTested === 0);
}
process.exitCode = isGood && !interrupted.signal.aborted ? 0 : 1;
