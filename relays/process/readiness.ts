import type { RelayExit } from '../relay.js';
import { awaitUpgrade } from './upgrade.js';

/** The address of a relay that is ready, or why there is none. */
export type Readiness = { readonly url: string } | { readonly failed: string };

/** What has to happen until a relay is ready. */
export interface Awaited {
  readonly withinMs: number;
  /** Where the relay will listen, once that is known. */
  readonly address: Promise<Readiness>;
  /** Resolves, with a sentence, when the relay can't become ready any more. */
  readonly gone: Promise<string>;
}

/** Waits until a WebSocket upgrade succeeds, the relay is gone or the time is over, whichever comes first. */
export async function awaitReadiness({ withinMs, address, gone }: Awaited): Promise<Readiness> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), withinMs);
  const late = `no WebSocket upgrade within ${withinMs} ms`;
  const tooLate = new Promise<Readiness>((resolve) => {
    over.signal.addEventListener('abort', () => resolve({ failed: late }), { once: true });
  });
  const ended = gone.then((failed): Readiness => ({ failed }));
  try {
    const known = await Promise.race([address, ended, tooLate]);
    if ('failed' in known) return known;
    const upgraded = awaitUpgrade(known.url, over.signal).then(
      (met): Readiness => (met === undefined ? known : { failed: `${late} on ${known.url} (${met})` }),
    );
    return await Promise.race([upgraded, ended]);
  } finally {
    clearTimeout(timer);
    over.abort();
  }
}

/** `ended with code 1`, `was killed by SIGKILL`. */
export function howItEnded(exit: RelayExit): string {
  return exit.signal === null ? `ended with code ${exit.code}` : `was killed by ${exit.signal}`;
}
