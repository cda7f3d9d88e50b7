/** Failures that are known and wait to be mended: a file that CI holds a run against. */
import { z } from 'zod';
import { InputError } from '../errors.js';
import type { RelayResult } from '../results.js';

const SCHEMA = 'reqbench.known-failures/1';

const fileSchema = z.strictObject({
  schema: z.literal(SCHEMA),
  /** By the relay's name: ids of checks that fail. */
  relays: z.record(z.string(), z.array(z.string())),
});

export type KnownFailures = z.infer<typeof fileSchema>;

/** How a run stands to what was known. */
export interface FailureChange {
  readonly relay: string;
  readonly id: string;
  /** `new`: fails and is not in the file. `known`: as the file says. `fixed`: in the file, and passed. `stale`: in
   * the file, but no such check exists any more, or it could not be tested. */
  readonly change: 'new' | 'known' | 'fixed' | 'stale';
}

/**
 * Reads the text of a file of known failures.
 * @throws {InputError} when it isn't one
 */
export function parseKnownFailures(text: string, file: string): KnownFailures {
  const hint = 'write it anew with --update-known-failures';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError([{ message: `not JSON: ${reason}`, at: { file }, hint }]);
  }
  const parsed = fileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.map(String).join('.');
  throw new InputError([{ message: `${place ? `${place}: ` : ''}${issue?.message}`, at: { file }, hint }]);
}

/** Relays with the ids of their failed checks that were known (`conformance.known`); as they are without a file. */
export function withKnownFailures(
  relays: readonly RelayResult[],
  known: KnownFailures | undefined,
  strict: boolean,
): RelayResult[] {
  return relays.map((relay) => {
    const { conformance } = relay;
    if (!known || !conformance) return relay;
    const listed = known.relays[relay.name] ?? [];
    const ids = conformance.checks
      .filter(({ result, level }) => result === 'failed' && (level !== 'SHOULD' || strict))
      .map(({ id }) => id);
    return { ...relay, conformance: { ...conformance, known: ids.filter((id) => listed.includes(id)) } };
  });
}

/** How many checks of a relay failed that were not known. */
export function newlyFailed({ conformance }: Pick<RelayResult, 'conformance'>): number {
  return conformance ? conformance.failed - (conformance.known?.length ?? 0) : 0;
}

/**
 * Compares what failed with what was known. Checks that the run didn't select say nothing.
 * @param fails ids of the checks of a relay that count as failed
 */
export function compareFailures(
  known: KnownFailures,
  relays: readonly RelayResult[],
  fails: (relay: RelayResult) => readonly string[],
  exists: (id: string) => boolean,
): readonly FailureChange[] {
  return relays.flatMap((relay) => {
    const checks = relay.conformance?.checks ?? [];
    const failing = new Set(fails(relay));
    const listed = [...new Set(known.relays[relay.name] ?? [])];
    const news = [...failing].filter((id) => !listed.includes(id));
    const olds = listed.flatMap((id): FailureChange[] => {
      if (failing.has(id)) return [{ relay: relay.name, id, change: 'known' }];
      if (!exists(id)) return [{ relay: relay.name, id, change: 'stale' }];
      const check = checks.find((one) => one.id === id);
      if (!check) return [];
      const isFixed = check.result === 'passed' || check.result === 'observed';
      return [{ relay: relay.name, id, change: isFixed ? 'fixed' : 'stale' }];
    });
    return [...news.map((id): FailureChange => ({ relay: relay.name, id, change: 'new' })), ...olds];
  });
}

/** The file with the failures of these relays; entries of other relays, and of checks that weren't run, stay. */
export function updatedFailures(
  before: KnownFailures | undefined,
  relays: readonly RelayResult[],
  fails: (relay: RelayResult) => readonly string[],
  exists: (id: string) => boolean,
): KnownFailures {
  const after: Record<string, string[]> = { ...before?.relays };
  for (const relay of relays) {
    const ran = new Set(relay.conformance?.checks.map(({ id }) => id));
    const kept = (before?.relays[relay.name] ?? []).filter((id) => exists(id) && !ran.has(id));
    after[relay.name] = [...new Set([...kept, ...fails(relay)])].sort();
  }
  return { schema: SCHEMA, relays: after };
}
