import { z } from 'zod';
import type { NetworkConditions } from '../proxy/network.js';
import { bandwidth } from './bandwidth.js';
import { duration } from './durations.js';
import { strict } from './strict.js';

/** The network that a scenario plays between clients and relays. */
export const networkSchema = strict({
  latency: duration.prefault('0ms').describe('One way; a round trip takes twice as long: 40ms.'),
  jitter: duration
    .prefault('0ms')
    .describe('Each piece of a stream is delayed by up to so much more or less; at most the latency.'),
  bandwidth: bandwidth.optional().describe('Of each connection, each way: 64kB/s.'),
  nagle: z
    .boolean()
    .optional()
    .describe(
      'Leave Nagle’s algorithm on at both sockets of the path: a small write waits for the acknowledgement of the last one.',
    ),
})
  .check((context) => {
    const { latency, jitter } = context.value;
    if (context.issues.length > 0 || jitter <= latency) return;
    const message = 'the jitter is larger than the latency; nothing can arrive before it was sent';
    context.issues.push({ code: 'custom', input: context.value, message, path: ['jitter'] });
  })
  .transform(
    ({ latency, jitter, bandwidth: bytesPerS, nagle }): NetworkConditions => ({
      latencyMs: latency,
      jitterMs: jitter,
      bytesPerS,
      nagle,
    }),
  );
