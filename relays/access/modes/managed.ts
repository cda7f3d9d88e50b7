import type { Mode } from './mode.js';

/** Only the public keys that the settings name, each as its level says. */
export function managed(): Mode {
  return { stranger: 'none', isPrivate: true, levelOf: () => 'none' };
}
