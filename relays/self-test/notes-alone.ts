/** The streaming strategy with a rule of its own: of all that it keeps it serves text notes alone, and says so to who asks for none. */
import { createStreaming } from '../streaming/index.js';

const NOTE = 1;
const NONE: ReadonlySet<number> = new Set();

export default createStreaming({
  name: 'notes-alone',
  hooks: {
    overwriteFilter: [
      (filter) => ({ ...filter, kinds: filter.kinds?.has(NOTE) === false ? NONE : new Set([NOTE]) }),
    ],
    rejectFilter: [({ kinds }) => (kinds === NONE ? 'blocked: text notes alone are served' : undefined)],
  },
});
