import { EXIT } from '../harness/exit-codes.js';

/** The first Ctrl-C aborts the signal, so that what is known is kept; the second ends the process. */
export function onInterrupt(whatIsKept = 'what was measured is kept'): {
  readonly signal: AbortSignal;
  stop(): void;
} {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
    process.stderr.write(`\nstopping; ${whatIsKept} (again: stop at once)\n`);
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return {
    signal: controller.signal,
    stop() {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    },
  };
}
