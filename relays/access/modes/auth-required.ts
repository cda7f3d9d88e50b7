import type { Mode } from './mode.js';

/** Everybody reads and writes after NIP-42 AUTH, whoever they are. */
export function authRequired(): Mode {
  return { stranger: 'none', isPrivate: true, levelOf: () => 'write' };
}
