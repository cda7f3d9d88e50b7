/** The streaming strategy in a process that ends when a long event comes. */
import { createStreaming } from '../streaming/index.js';

const LONG_CHARACTERS = 20_000;

export default createStreaming({
  name: 'fragile',
  hooks: {
    rejectEvent: [
      ({ content }) => {
        if (content.length < LONG_CHARACTERS) return undefined;
        process.stderr.write('out of memory\n');
        process.exit(70);
      },
    ],
  },
});
