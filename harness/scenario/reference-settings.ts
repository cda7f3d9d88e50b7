import { z } from 'zod';
import { type AccessMembers, DEVIATIONS, isDeviationId } from '../../relays/relay.js';
import { InputError } from '../errors.js';
import { strict } from './strict.js';

const MEMBER = /^(?:[0-9a-f]{64}|\$identity\(\d{1,9}\))$/;
const IDENTITY = /^\$identity\((\d+)\)$/;

const members = z
  .array(
    z.string().regex(MEMBER, {
      error: 'a member is a public key of 64 lower-case hex digits, or $identity(n)',
    }),
  )
  .exactOptional();

/** `relay.members` of a scenario. */
export const membersSchema = strict({
  owner: members.describe('Owners.'),
  admin: members.describe('Admins; with `access: follows` their follow lists say who else may write.'),
  write: members.describe('May read and write.'),
  read: members.describe('May read only.'),
  blocked: members.describe('May do nothing, and nothing that they wrote is taken.'),
}).describe('Public keys by their level: 64 hex digits, or $identity(n) for identity n of the harness.');

const milliseconds = z.int().min(0);
const prefixes = z.array(z.string().min(1));

/** `relay.batched` of a scenario. */
export const batchedSchema = strict({
  deadlineMs: z.int().min(1).exactOptional().describe('Milliseconds that all filters of a REQ may take.'),
  dedup: z
    .boolean()
    .exactOptional()
    .describe('Send an event that several filters match once (default true).'),
  cacheTtlMs: milliseconds
    .exactOptional()
    .describe('Milliseconds an answer is given again; 0: never (default).'),
  dropDeliveredIds: z
    .boolean()
    .exactOptional()
    .describe('Stop waiting for ids that were delivered; CLOSED when nothing is left.'),
  receiverQueue: z
    .int()
    .min(0)
    .exactOptional()
    .describe('Live events that wait for a subscriber who does not read; 0: no bound of its own (default).'),
  receiverStallMs: milliseconds.exactOptional().describe('Milliseconds until such a subscriber is dropped.'),
  allowAddresses: prefixes.exactOptional().describe('Beginnings of the IP addresses that may connect.'),
  blockAddresses: prefixes.exactOptional().describe('Beginnings of those that may not.'),
}).describe('Options of the relay batched.');

/** `relay.deviations` of a scenario. */
export const deviationsSchema = z
  .array(
    z
      .string()
      .refine(isDeviationId, { error: `a deviation is one of ${Object.keys(DEVIATIONS).join(', ')}` }),
  )
  .describe('Deviations of real relays to switch on, such as D8; each relay takes those that are its own.');

/**
 * `members` with every `$identity(n)` as the public key that it stands for.
 * @throws {InputError} when there is no such identity.
 */
export function concreteMembers(
  given: AccessMembers | undefined,
  corpus: { identityPublicKey(identity: number): string },
  identities: number,
  file: string,
): AccessMembers {
  const concrete = (member: string): string => {
    const [, identity] = IDENTITY.exec(member) ?? [];
    if (identity === undefined) return member;
    requireIdentity(Number(identity), identities, file);
    return corpus.identityPublicKey(Number(identity));
  };
  return Object.fromEntries(Object.entries(given ?? {}).map(([level, keys]) => [level, keys.map(concrete)]));
}

/** @throws {InputError} when a run has no identity with this number. */
export function requireIdentity(identity: number, identities: number, file: string): void {
  if (identity < identities) return;
  throw new InputError([
    {
      message: `there is no identity ${identity}`,
      at: { file },
      hint: `this corpus has identities from 0 to ${identities - 1}`,
    },
  ]);
}
