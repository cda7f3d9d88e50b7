import { Bench } from 'tinybench';
import type { MicroCase } from './cases.js';

/** Nanoseconds a call, of each sample. */
export interface MicroFigures {
  readonly name: string;
  readonly what: string;
  readonly nsPerCall: readonly number[];
}

/** How long one sample of one case takes, in ms, and how long it runs before without being timed. */
const SAMPLE_MS = 40;
const WARM_UP_MS = 10;

/**
 * Measures every case once a sample, one after the other, so that what disturbs the machine for a while disturbs all of them. A
 * sample is the median call of some milliseconds (tinybench).
 */
export async function measureCases(
  cases: readonly MicroCase[],
  samples: number,
  onSample: (done: number) => void,
): Promise<MicroFigures[]> {
  const taken = new Map(cases.map(({ name }) => [name, [] as number[]]));
  for (let sample = 1; sample <= samples; sample += 1) {
    for (const one of cases) taken.get(one.name)?.push(await nsPerCall(one));
    onSample(sample);
  }
  return cases.map(({ name, what }) => ({ name, what, nsPerCall: taken.get(name) ?? [] }));
}

async function nsPerCall({ name, times, run }: MicroCase): Promise<number> {
  const bench = new Bench({ time: SAMPLE_MS, warmupTime: WARM_UP_MS, warmupIterations: 1, iterations: 3 });
  bench.add(name, run);
  const [task] = await bench.run();
  const result = task?.result;
  if (result?.state !== 'completed') {
    throw new Error(`the case "${name}" could not be measured`, {
      cause: result?.state === 'errored' ? result.error : undefined,
    });
  }
  return (result.latency.p50 * 1e6) / times;
}
