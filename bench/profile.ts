/** A V8 CPU profile of another Node process, taken over its inspector. */
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { z } from 'zod';

/** Where the inspector of a process listens that was told to open it by a signal. */
const INSPECTOR = 'http://127.0.0.1:9229/json/list';
const OPENS_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 50;
const SAMPLE_EVERY_US = 250;

const targetsSchema = z.array(z.object({ webSocketDebuggerUrl: z.string() }));

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
  process.kill(pid, 'SIGUSR1');
  const inspector = await Inspector.connect(await inspectorUrl());
  try {
    await refuseAnother(inspector, pid);
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

const pidSchema = z.object({ result: z.object({ value: z.number() }) });

/** The port may have been taken by another process that is being debugged. */
async function refuseAnother(inspector: Inspector, pid: number): Promise<void> {
  const answer = await inspector.ask('Runtime.evaluate', { expression: 'process.pid' });
  const found = pidSchema.parse(answer).result.value;
  if (found !== pid)
    throw new Error(`at ${INSPECTOR} is process ${found}, not ${pid}: is it being debugged?`);
}

async function inspectorUrl(): Promise<string> {
  const untilMs = performance.now() + OPENS_WITHIN_MS;
  while (performance.now() < untilMs) {
    try {
      const [target] = targetsSchema.parse(await (await fetch(INSPECTOR)).json());
      if (target !== undefined) return target.webSocketDebuggerUrl;
    } catch {
      await sleep(LOOK_EVERY_MS);
    }
  }
  throw new Error(`no inspector opened at ${INSPECTOR}`);
}

const answerSchema = z.object({
  id: z.number(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});

/** One inspector session (Chrome DevTools Protocol). */
class Inspector {
  readonly #socket: WebSocket;
  #asked = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  static connect(url: string): Promise<Inspector> {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(new Inspector(socket)));
      socket.once('error', reject);
    });
  }

  ask(method: string, params: object = {}): Promise<unknown> {
    this.#asked += 1;
    const id = this.#asked;
    return new Promise((resolve, reject) => {
      const hear = (data: unknown): void => {
        const answer = answerSchema.safeParse(JSON.parse(String(data)));
        if (!answer.success || answer.data.id !== id) return;
        this.#socket.off('message', hear);
        const { error, result } = answer.data;
        if (error === undefined) resolve(result);
        else reject(new Error(`${method}: ${error.message}`));
      };
      this.#socket.on('message', hear);
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  end(): void {
    this.#socket.terminate();
  }
}
