/** Entry of the process that makes HTTP load: carries out the orders of its load worker, several at once. */
import type { HttpProcessMessage, HttpProcessOrder } from './order.js';
import { playHttp, type RunningHttp } from './play.js';

const running = new Set<RunningHttp>();

function say(message: HttpProcessMessage): void {
  process.send?.(message);
}

async function play({ id, order }: Extract<HttpProcessOrder, { type: 'play' }>): Promise<void> {
  const load = playHttp(order);
  running.add(load);
  try {
    say({ type: 'done', id, report: await load.report });
  } catch (error) {
    say({ type: 'failed', id, message: error instanceof Error ? error.message : String(error) });
  } finally {
    running.delete(load);
  }
}

process.on('message', (order: HttpProcessOrder) => {
  if (order.type === 'play') void play(order);
  else for (const load of running) load.stop();
});

// Ctrl-C reaches the whole process group; the run decides what is kept, and a lost parent ends everything.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));

say({ type: 'ready' });
