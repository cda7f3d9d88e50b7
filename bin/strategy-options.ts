import type { Command } from 'commander';
import {
  type AccessMembers,
  type BatchedSettings,
  DEFAULT_BATCHED,
  DEVIATIONS,
  type DeviationId,
  isDeviationId,
} from '../relays/relay.js';
import { atLeastOne, integer, problem } from './option-values.js';

/** The options of `serve` about access, deviations and the relay `batched`. */
export interface StrategyOptions {
  readonly owner?: readonly string[];
  readonly admin?: readonly string[];
  readonly writer?: readonly string[];
  readonly reader?: readonly string[];
  readonly blocked?: readonly string[];
  readonly deviation?: readonly DeviationId[];
  readonly deadline?: number;
  readonly dedup: boolean;
  readonly cacheTtl?: number;
  readonly dropDeliveredIds?: true;
  readonly receiverQueue?: number;
  readonly receiverStall?: number;
  readonly allowAddress?: readonly string[];
  readonly blockAddress?: readonly string[];
}

/** Adds them to `command`. */
export function addStrategyOptions(command: Command): Command {
  return command
    .option('--owner <pubkey>', 'public key (64 hex digits) of an owner; repeatable', publicKeys('--owner'))
    .option('--admin <pubkey>', 'public key of an admin; repeatable', publicKeys('--admin'))
    .option('--writer <pubkey>', 'public key that may read and write; repeatable', publicKeys('--writer'))
    .option('--reader <pubkey>', 'public key that may read; repeatable', publicKeys('--reader'))
    .option(
      '--blocked <pubkey>',
      'public key that may do nothing, and whose events are not taken; repeatable',
      publicKeys('--blocked'),
    )
    .option(
      '--deviation <id>',
      'a deviation of real relays to switch on, such as D8 (docs/strategies.md); repeatable',
      deviation,
    )
    .option('--deadline <ms>', 'batched: time that all filters of a REQ may take', atLeastOne('--deadline'))
    .option('--no-dedup', 'batched: send an event that several filters match more than once')
    .option(
      '--cache-ttl <ms>',
      'batched: how long an answer may be given again; 0: never. Every save drops them all',
      integer('--cache-ttl', 0, Number.MAX_SAFE_INTEGER),
    )
    .option(
      '--drop-delivered-ids',
      'batched: stop waiting for ids that were delivered; CLOSED when nothing is left',
    )
    .option(
      '--receiver-queue <n>',
      'batched: live events that wait for a subscriber who does not read, before it is dropped; 0: no bound of its own',
      integer('--receiver-queue', 0, Number.MAX_SAFE_INTEGER),
    )
    .option(
      '--receiver-stall <ms>',
      'batched: how long they wait before it is dropped',
      integer('--receiver-stall', 0, Number.MAX_SAFE_INTEGER),
    )
    .option(
      '--allow-address <prefix>',
      'batched: only IP addresses that begin so may connect; repeatable',
      append,
    )
    .option(
      '--block-address <prefix>',
      'batched: IP addresses that begin so may not connect; repeatable',
      append,
    );
}

/** The members that they name. */
export function membersOf({
  owner = [],
  admin = [],
  writer = [],
  reader = [],
  blocked = [],
}: StrategyOptions): AccessMembers {
  return { owner, admin, write: writer, read: reader, blocked };
}

/** The settings of `batched` that they give. */
export function batchedOf(options: StrategyOptions): BatchedSettings {
  return {
    deadlineMs: options.deadline ?? DEFAULT_BATCHED.deadlineMs,
    dedup: options.dedup,
    cacheTtlMs: options.cacheTtl ?? DEFAULT_BATCHED.cacheTtlMs,
    dropDeliveredIds: options.dropDeliveredIds ?? DEFAULT_BATCHED.dropDeliveredIds,
    receiverQueue: options.receiverQueue ?? DEFAULT_BATCHED.receiverQueue,
    receiverStallMs: options.receiverStall ?? DEFAULT_BATCHED.receiverStallMs,
    allowAddresses: options.allowAddress ?? DEFAULT_BATCHED.allowAddresses,
    blockAddresses: options.blockAddress ?? DEFAULT_BATCHED.blockAddresses,
  };
}

function append(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function publicKeys(option: string): (text: string, before?: readonly string[]) => readonly string[] {
  return (text, before) => {
    if (/^[0-9a-f]{64}$/.test(text)) return append(text, before);
    throw problem(`${option} ${text} is no public key`, 'write 64 lower-case hex digits');
  };
}

function deviation(id: string, before: readonly DeviationId[] = []): readonly DeviationId[] {
  if (isDeviationId(id)) return [...before, id];
  throw problem(`there is no deviation ${id}`, `write one of ${Object.keys(DEVIATIONS).join(', ')}`);
}
