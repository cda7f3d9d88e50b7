import { z } from 'zod';

const callFrame = z.object({
  functionName: z.string(),
  url: z.string(),
  /** From 0; −1 for what has no place in a file. */
  lineNumber: z.number(),
});

/** V8's CPU profile, as Chrome DevTools opens it (Chrome DevTools Protocol, `Profiler.Profile`). Times in µs. */
export const cpuProfileSchema = z.object({
  nodes: z.array(z.object({ id: z.number(), callFrame })),
  startTime: z.number(),
  endTime: z.number(),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

export type CpuProfile = z.infer<typeof cpuProfileSchema>;

/** Time that a function itself was seen to run, without those that it called. */
export interface SelfTime {
  readonly name: string;
  /** `store/memory-store.js:41`; empty for what V8 itself does. */
  readonly place: string;
  readonly ms: number;
  /** Of the time in which the thread was not idle, 0 to 1. */
  readonly share: number;
}

export interface ProfileSummary {
  readonly durationMs: number;
  /** Of the whole time, 0 to 1. */
  readonly idle: number;
  /** Most first. */
  readonly functions: readonly SelfTime[];
}

const IDLE = '(idle)';
/** The inspector's own work, when it starts and stops profiling; no file of anybody has it. */
const PROFILER = 'dispatch';

/** Adds up the samples by function. A sample stands for the time since the one before it. */
export function summarise({ nodes, samples, timeDeltas }: CpuProfile): ProfileSummary {
  const frames = new Map(nodes.map(({ id, callFrame: frame }) => [id, frame]));
  const byFunction = new Map<string, { name: string; place: string; us: number }>();
  let wholeUs = 0;
  for (const [index, id] of samples.entries()) {
    const us = Math.max(0, timeDeltas[index] ?? 0);
    const frame = frames.get(id);
    if (!frame || (frame.functionName === PROFILER && frame.url === '')) continue;
    wholeUs += us;
    const name = frame.functionName || '(anonymous)';
    const place = placeOf(frame);
    const key = `${name} ${place}`;
    const entry = byFunction.get(key) ?? { name, place, us: 0 };
    entry.us += us;
    byFunction.set(key, entry);
  }
  const all = [...byFunction.values()];
  const idleUs = all.find(({ name }) => name === IDLE)?.us ?? 0;
  const busyUs = wholeUs - idleUs;
  return {
    durationMs: wholeUs / 1_000,
    idle: wholeUs === 0 ? 0 : idleUs / wholeUs,
    functions: all
      .filter(({ name, us }) => name !== IDLE && us > 0)
      .map(({ name, place, us }) => ({ name, place, ms: us / 1_000, share: us / busyUs }))
      .toSorted((a, b) => b.ms - a.ms),
  };
}

/** The last two parts of a path tell a file of ours or of a package; the whole path tells whose machine it was. */
function placeOf({ url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  if (url === '') return '';
  const file = url.startsWith('node:') ? url : url.split('/').slice(-2).join('/');
  return `${file}:${lineNumber + 1}`;
}
