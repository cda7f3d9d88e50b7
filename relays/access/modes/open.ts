import type { Mode } from './mode.js';

/** Everybody reads and writes everything (next.orly.dev's `none`). */
export function open(): Mode {
  return { stranger: 'write', isPrivate: false, levelOf: () => 'write' };
}
