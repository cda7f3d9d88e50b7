import type { CheckResult } from '../../results.js';

/**
 * MUST: the NIP says MUST or defines the answer. SHOULD. POLICY: what the relay or the scenario declares. INFO:
 * a trait, observed and never failed.
 */
export type CheckLevel = CheckResult['level'];

/** What a reader of a report sees of a check. */
export interface CheckDefinition {
  /** Reads like a path: `nip01/req/eose-once`. */
  readonly id: string;
  readonly level: CheckLevel;
  readonly title: string;
  /** What a relay has to do, in our own words. */
  readonly requirement: string;
  /** NIP and section. */
  readonly reference: string;
  /** The optional NIP that a relay has to claim before this check applies to it. */
  readonly claim?: number;
}

/** What a rule says about one case. `broken` is a sentence for the report; at level INFO, the trait was shown. */
export type Ruling = 'passed' | 'set-aside' | { readonly broken: string };

/** A check as data: the rule is a pure function of the facts of one case. */
export interface Check<Case> extends CheckDefinition {
  readonly rule: (facts: Case) => Ruling;
}

/** Hostile text for a message: quoted, control characters escaped, cut. */
export function quoted(text: string): string {
  const shown = text.length > 120 ? `${text.slice(0, 120)}…` : text;
  return JSON.stringify(shown);
}

/** An event id as messages name it. */
export function shortId(id: string): string {
  return id.slice(0, 12);
}

/** The first few of many ids. */
export function shortIds(ids: readonly string[]): string {
  const shown = ids.slice(0, 3).map(shortId).join(', ');
  return ids.length > 3 ? `${shown} and ${ids.length - 3} more` : shown;
}
