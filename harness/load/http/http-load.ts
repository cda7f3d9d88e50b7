import { fork } from 'node:child_process';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../package.js';
import type { HttpOrder, HttpProcessMessage, HttpProcessOrder, HttpReport } from './order.js';

/** The process that makes HTTP load, seen from a load worker: one of its own, so that it keeps no REQ waiting. */
export interface HttpLoad {
  play(order: HttpOrder): Promise<HttpReport>;
  /** Ends what runs now; its reports say what came until then. */
  stop(): void;
}

interface Waiting {
  readonly resolve: (report: HttpReport) => void;
  readonly reject: (error: Error) => void;
}

/** Starts the process; it ends with the one that started it, or by {@link end}. */
export async function startHttpLoad(): Promise<HttpLoad & { end(): void }> {
  const child = fork(join(PACKAGE_ROOT, 'dist/harness/load/http/process.js'), [], { execArgv: [] });
  const waiting = new Map<number, Waiting>();
  let orders = 0;
  const ready = new Promise<void>((resolve, reject) => {
    child.on('message', (message: HttpProcessMessage) => {
      if (message.type === 'ready') {
        resolve();
        return;
      }
      const asked = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.type === 'done') asked?.resolve(message.report);
      else asked?.reject(new Error(`the HTTP load failed: ${message.message}`));
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      const error = new Error(`the HTTP load's process ended early (${signal ?? `exit code ${code}`})`);
      reject(error);
      for (const { reject: giveUp } of waiting.values()) giveUp(error);
    });
  });
  await ready;
  const send = (order: HttpProcessOrder): void => {
    if (child.connected) child.send(order);
  };
  return {
    play(order) {
      orders += 1;
      const id = orders;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        send({ type: 'play', id, order });
      });
    },
    stop: () => send({ type: 'stop' }),
    end: () => child.disconnect(),
  };
}
