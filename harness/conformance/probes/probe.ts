import type { CheckDefinition } from '../checks/check.js';
import type { Scene } from './scene.js';

/** What a probe needs beyond a relay that listens; where it can't be had, the probe is not tested. */
export const NEEDS = {
  writing: 'a relay that may be written to',
  'second-key': 'a second key that the relay admits (--allowed-key, twice)',
  'auth-required': 'a relay that serves nobody without AUTH (--set access=auth-required, or managed)',
  open: 'a relay that serves everybody (--set access=open)',
  allowlist: 'a relay that serves keys on a list alone, and one of them (--set access=managed --allowed-key)',
  private: 'a relay that keeps private events from third parties (--set access=follows, or another mode)',
  'served-kinds': 'the kinds that the relay serves, where it serves no others (--served-kind)',
  'failing-kind': 'a kind whose queries fail (--set source.failKinds=[…])',
  'held-bytes': 'a relay that says how much it holds for clients, as the reference relays do',
} as const;

export type Need = keyof typeof NEEDS;

/**
 * A check as a short scripted conversation. It throws {@link Broken} when the relay breaks the requirement under
 * every reading that the crossing of messages allows, {@link NotArranged} when the question could not be put, and
 * returns a text of what it observed, or nothing; at level INFO a text means that the trait was shown.
 */
export interface Probe extends CheckDefinition {
  readonly needs: readonly Need[];
  /** Ids of the mutants (docs/mutants.md) that this probe must catch, each of them. */
  readonly catches: readonly [string, ...string[]];
  /** True for a probe that puts load on the relay: it runs with no other beside it. */
  readonly alone?: boolean;
  /** True for a probe that waits for the clock and does little else: it is begun first, and goes on beside all others. */
  readonly waits?: boolean;
  readonly run: (scene: Scene) => Promise<unknown>;
}

/** The relay broke the requirement; the message is a sentence for the report. */
export class Broken extends Error {
  override readonly name = 'Broken';
  /** @param about texts of which a line of the excerpt has to hold one; none: the last lines are shown. */
  constructor(
    message: string,
    readonly about: readonly string[] = [],
  ) {
    super(message);
  }
}

/** The question could not be put to this relay; the message says what it would have needed. */
export class NotArranged extends Error {
  override readonly name = 'NotArranged';
}

/** What a section's probes have in common. */
type Common = Pick<Probe, 'reference'> & Partial<Pick<Probe, 'claim' | 'needs' | 'alone'>>;

type Given = Pick<Probe, 'level' | 'title' | 'requirement' | 'run' | 'catches'> &
  Partial<Pick<Probe, 'reference' | 'claim' | 'needs' | 'alone' | 'waits'>>;

/** Probes of one section, by the last part of their path. */
export function section(
  path: string,
  common: Common,
  probes: Readonly<Record<string, Given>>,
): readonly Probe[] {
  return Object.entries(probes).map(([name, given]) => ({
    needs: [],
    ...common,
    ...given,
    id: `${path}/${name}`,
  }));
}
