import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchCase, Measured } from './bench-case.js';
import { type CaseResult, summarise } from './summary.js';

const MS_A_SECOND = 1_000;

/** The subjects take turns, and who is first changes with each repetition. What was measured is told on stderr at once. */
export async function runCase<Subject extends string>(
  bench: BenchCase<Subject>,
  repetitions: number,
): Promise<CaseResult> {
  const startedMs = performance.now();
  const dir = await mkdtemp(join(tmpdir(), 'reqbench-bench-'));
  try {
    const measure = await bench.prepare(dir);
    const measured = new Map<Subject, Measured[]>(bench.subjects.map((subject) => [subject, []]));
    for (let repetition = 0; repetition < repetitions; repetition += 1) {
      for (const subject of rotated(bench.subjects, repetition)) {
        const figures = await measure(subject);
        process.stderr.write(
          `${bench.name} ${repetition + 1}/${repetitions} ${subject} ${inBrief(figures)}\n`,
        );
        measured.get(subject)?.push(figures);
      }
    }
    const tookS = (performance.now() - startedMs) / MS_A_SECOND;
    process.stderr.write(`${bench.name} took ${Math.round(tookS)} s\n`);
    return summarise(bench, measured, tookS);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function rotated<T>(items: readonly T[], by: number): readonly T[] {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

function inBrief(figures: Measured): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name}=${value.toPrecision(4)}`)
    .join(' ');
}
