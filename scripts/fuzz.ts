/** `npm run fuzz -- --seed S --messages N --relay streaming|batched [--verify-threads N]`: hostile clients against a relay's process. */
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz/run.js';

const DEFAULT_MESSAGES = '1000000';
const PROGRESS_EVERY = 100_000;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    messages: { type: 'string', default: DEFAULT_MESSAGES },
    relay: { type: 'string', multiple: true, default: ['streaming', 'batched'] },
    session: { type: 'string' },
    'verify-threads': { type: 'string', default: '0' },
  },
});

for (const relay of values.relay) {
  let reported = 0;
  const report = await fuzz({
    relay,
    seed: Number(values.seed),
    messages: Number(values.messages),
    verifyThreads: Number(values['verify-threads']),
    session: values.session === undefined ? undefined : Number(values.session),
    onProgress: (messages) => {
      if (messages - reported < PROGRESS_EVERY) return;
      reported = messages;
      process.stderr.write(`${relay}: ${messages} messages\n`);
    },
  });
  process.stdout.write(`${JSON.stringify({ relay, seed: Number(values.seed), ...report }, undefined, 2)}\n`);
  if (report.failures.length > 0) process.exitCode = 1;
}
