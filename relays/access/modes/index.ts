/** The access modes by name. A new one is a module beside this file, a line here, and its name in `AccessMode`. */
import type { AccessMode } from '../../relay.js';
import { authRequired } from './auth-required.js';
import { follows } from './follows.js';
import { managed } from './managed.js';
import type { Mode, ModeContext } from './mode.js';
import { open } from './open.js';

export const MODES: Readonly<Record<AccessMode, (context: ModeContext) => Mode>> = {
  open,
  'auth-required': authRequired,
  follows,
  managed,
};
