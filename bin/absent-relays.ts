import type { Relay } from '../relays/relay.js';
import { printable } from '../reports/index.js';

/** Says on stderr which relays can't start, as far as that can be told before any work is done. True where there are some. */
export function tellAbsent(relays: readonly Relay[]): boolean {
  const lines = relays.flatMap(({ name, absent }) => {
    const why = absent?.();
    return why === undefined ? [] : `relay ${printable(name, 60)} can't start: ${printable(why, 500)}\n`;
  });
  process.stderr.write(lines.join(''));
  return lines.length > 0;
}
