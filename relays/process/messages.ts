import type { RelaySample } from '../relay.js';

/** What a relay process tells its parent over IPC. */
export type ChildMessage =
  /** It listens on this port. */
  | { readonly type: 'ready'; readonly port: number }
  /** It can't start, and why. */
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'sample'; readonly sample: RelaySample };

const SAMPLE_FIELDS = [
  'atNs',
  'heapUsedBytes',
  'externalBytes',
  'eventLoopDelayMs',
  'connections',
  'subscriptions',
] as const satisfies readonly (keyof RelaySample)[];

/** Reads a message of a child; undefined for anything that is none, as a relay author's module might send. */
export function readChildMessage(message: unknown): ChildMessage | undefined {
  if (!isRecord(message)) return undefined;
  if (message.type === 'ready' && typeof message.port === 'number') {
    return { type: 'ready', port: message.port };
  }
  if (message.type === 'failed' && typeof message.reason === 'string') {
    return { type: 'failed', reason: message.reason };
  }
  if (message.type === 'sample' && isSample(message.sample)) {
    return { type: 'sample', sample: message.sample };
  }
  return undefined;
}

function isSample(value: unknown): value is RelaySample {
  return (
    isRecord(value) &&
    SAMPLE_FIELDS.every((field) => Number.isFinite(value[field])) &&
    isCountOrMissing(value.heldBytes) &&
    (value.gc === undefined || isCollections(value.gc))
  );
}

function isCollections(value: unknown): boolean {
  return isRecord(value) && [value.count, value.pauseMs, value.longestMs].every(Number.isFinite);
}

function isCountOrMissing(value: unknown): boolean {
  return value === undefined || Number.isFinite(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
