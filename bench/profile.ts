/** A V8 CPU profile of another Node process, taken over its inspector. */
import { z } from 'zod';
import { Inspector } from './inspector.js';

const SAMPLE_EVERY_US = 250;

const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

/** What `Profiler.stop` gives, as far as it is read here. */
export type CpuProfile = z.infer<typeof profileSchema>;

/** Profiles the process `pid` while `work` goes on. Only one process of this machine can be profiled at a time. */
export async function profiled<T>(
  pid: number,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly profile: CpuProfile }> {
  const inspector = await Inspector.of(pid);
  try {
    await inspector.ask('Profiler.enable');
    await inspector.ask('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US });
    await inspector.ask('Profiler.start');
    const result = await work();
    const stopped = z.object({ profile: profileSchema }).parse(await inspector.ask('Profiler.stop'));
    return { result, profile: stopped.profile };
  } finally {
    inspector.end();
  }
}

/** A function and its share of the time in which the process worked. */
export interface FunctionShare {
  readonly name: string;
  /** Path from the package's folder, or Node's own name, and the line. */
  readonly place: string;
  readonly share: number;
}

const IDLE = '(idle)';

/** The functions in which most time was spent, without what they called. */
export function topFunctions(
  { nodes, samples, timeDeltas }: CpuProfile,
  most: number,
): readonly FunctionShare[] {
  const byId = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const times = new Map<string, { readonly name: string; readonly place: string; us: number }>();
  let busyUs = 0;
  for (const [index, id] of samples.entries()) {
    const frame = byId.get(id);
    if (frame === undefined || frame.functionName === IDLE) continue;
    const us = timeDeltas[index] ?? 0;
    const name = frame.functionName || '(anonymous)';
    const place = placeOf(frame);
    const known = times.get(`${name} ${place}`) ?? { name, place, us: 0 };
    times.set(`${name} ${place}`, known);
    known.us += us;
    busyUs += us;
  }
  return [...times.values()]
    .toSorted((a, b) => b.us - a.us)
    .slice(0, most)
    .map(({ name, place, us }) => ({ name, place, share: us / busyUs }));
}

function placeOf({ url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  if (url === '') return 'native';
  const path = /(?:dist|node_modules)\/(.*)$/.exec(url)?.[1] ?? url;
  return `${path}:${lineNumber + 1}`;
}
