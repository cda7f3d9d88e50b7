/** The inspector of another Node process: Chrome DevTools Protocol over a WebSocket. */
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { z } from 'zod';

/** Where the inspector of a process listens that was told to open it by a signal. */
const INSPECTOR = 'http://127.0.0.1:9229/json/list';
const OPENS_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 50;

const targetsSchema = z.array(z.object({ webSocketDebuggerUrl: z.string() }));

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

/** A session with the inspector of one process. */
export class Inspector {
  readonly #socket: WebSocket;
  #asked = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** Has the process open its inspector. Only one process of this machine can be looked into at a time. */
  static async of(pid: number): Promise<Inspector> {
    process.kill(pid, 'SIGUSR1');
    const inspector = await Inspector.#connect(await inspectorUrl());
    try {
      await refuseAnother(inspector, pid);
      return inspector;
    } catch (error) {
      inspector.end();
      throw error;
    }
  }

  static #connect(url: string): Promise<Inspector> {
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
