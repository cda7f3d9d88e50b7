import { conform } from '../../harness/conformance/conform.js';
import { PROBES } from '../../harness/conformance/probes/catalogue.js';
import type { Probe } from '../../harness/conformance/probes/probe.js';
import type { CheckResult } from '../../harness/results.js';
import type { DeviationId, Relay } from '../../relays/relay.js';
import type { Recorded } from './trace.js';
import { TRAITS } from './traits.js';
import type { Way } from './ways.js';

/** What one probe said of one relay; texts are hostile. */
export interface Answer {
  readonly check: string;
  readonly verdict: 'seen' | 'not seen' | 'not told';
  /** What was seen, or why nothing can be told. */
  readonly said: string;
  readonly recorded: Recorded;
}

export interface Asked {
  readonly relay: Relay;
  readonly way: Way;
  readonly deviations: readonly DeviationId[];
  readonly checks: readonly string[];
  readonly signal: AbortSignal;
}

/** Puts questions to a relay, as `reqbench conform` does. */
export async function ask({ relay, way, deviations, checks, signal }: Asked): Promise<readonly Answer[]> {
  const recordedOf = new Map<string, Recorded>();
  const probes = [...PROBES, ...TRAITS].filter(({ id }) => checks.includes(id));
  const lacking = checks.find((check) => !probes.some(({ id }) => id === check));
  if (lacking !== undefined) throw new Error(`there is no check ${lacking}`);
  const { relays } = await conform({
    ...way.given,
    settings: { ...way.given.settings, deviations: [...deviations] },
    relays: [relay],
    selection: {
      probes: probes.map((probe) => recording(probe, recordedOf)),
      has: (id) => checks.includes(id),
    },
    strict: true,
    signal,
    watch: { onRelay() {}, onResult() {}, onRelayDone() {} },
  });
  const [result] = relays;
  const results = result?.conformance?.checks ?? [];
  return checks.map((check) => {
    const one = results.find(({ id }) => id === check);
    const recorded = recordedOf.get(check) ?? { lines: [], leftOut: 0 };
    return one
      ? { check, ...verdictOf(one), recorded }
      : { check, verdict: 'not told', said: result?.error?.message ?? 'it was not asked', recorded };
  });
}

/** A rule of level INFO is observed whether the trait was shown or not. */
function verdictOf({ result, failedCases, failures, note }: CheckResult): Pick<Answer, 'verdict' | 'said'> {
  const said = failures[0]?.message ?? note ?? '';
  if (result === 'failed' || (result === 'observed' && failedCases > 0)) return { verdict: 'seen', said };
  if (result === 'passed' || result === 'observed') return { verdict: 'not seen', said };
  return { verdict: 'not told', said: said === '' ? result.replace('-', ' ') : said };
}

/** The same probe; what went over the wire is kept under its id. */
function recording(probe: Probe, recordedOf: Map<string, Recorded>): Probe {
  return {
    ...probe,
    async run(scene) {
      try {
        return await probe.run(scene);
      } finally {
        const { lines, leftOut } = scene.record;
        recordedOf.set(probe.id, { lines, leftOut });
      }
    },
  };
}
