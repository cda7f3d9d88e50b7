import { distance } from 'fastest-levenshtein';
import { InputError } from '../errors.js';
import { INVARIANTS } from './checks/catalogue.js';
import { PROBES } from './probes/catalogue.js';
import type { Probe } from './probes/probe.js';
import { SURVIVAL } from './probes/survival.js';

const SUGGESTED = 3;

/** Which checks a run is about. */
export interface Selection {
  /** Probes to play. Where only invariants were chosen, all: they need something to listen to. */
  readonly probes: readonly Probe[];
  /** Whether a probe or invariant was chosen. */
  has(id: string): boolean;
}

/** Ids of all probes and invariants, in the order of reports. */
export const CHECK_IDS: readonly string[] = [...PROBES, SURVIVAL, ...INVARIANTS].map(({ id }) => id);

/**
 * The checks that clauses name, each a path or the beginning of one: `nip01`, `nip01/req`, `nip01/req/order`.
 * @throws {InputError} for a clause that names nothing, with the nearest that do
 */
export function select(clauses: readonly string[]): Selection {
  const wanted = clauses.map((clause) => clause.replace(/\/+$/, ''));
  for (const clause of wanted) if (!CHECK_IDS.some((id) => isUnder(id, clause))) throw unknownClause(clause);
  const has = (id: string) => wanted.length === 0 || wanted.some((clause) => isUnder(id, clause));
  const chosen = PROBES.filter(({ id }) => has(id));
  return { probes: chosen.length > 0 ? chosen : PROBES, has };
}

function isUnder(id: string, clause: string): boolean {
  return id === clause || id.startsWith(`${clause}/`);
}

function unknownClause(clause: string): InputError {
  const near = paths()
    .map((path) => ({
      path,
      apart: Math.min(distance(clause, path), distance(clause, path.split('/').at(-1) ?? '')),
    }))
    .sort((a, b) => a.apart - b.apart)
    .slice(0, SUGGESTED);
  const hint = `did you mean ${near.map(({ path }) => path).join(', ')}? reqbench list checks shows all`;
  return new InputError([{ message: `there is no check or section "${clause}"`, hint }]);
}

/** Every id and every beginning of one. */
function paths(): readonly string[] {
  const all = CHECK_IDS.flatMap((id) => {
    const parts = id.split('/');
    return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  });
  return [...new Set(all)];
}
