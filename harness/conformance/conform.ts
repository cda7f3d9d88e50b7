/** The conformance suite: probes against relays, with the invariants listening, and results.json of it. */
import { createHash } from 'node:crypto';
import type { Relay, RelaySettingsInput } from '../../relays/relay.js';
import type { SigningKey } from '../corpus/signature.js';
import type { CheckResult, RelayResult, Results } from '../results.js';
import { RESULTS_SCHEMA } from '../results.js';
import { environment } from '../run/environment.js';
import { conformRelay } from './conform-relay.js';
import type { Selection } from './conform-selection.js';

export interface ConformOptions {
  readonly relays: readonly Relay[];
  readonly selection: Selection;
  /** Of the reference relays; `access` is believed of every relay. */
  readonly settings: RelaySettingsInput;
  /** The address that AUTH events name; undefined: the one that is connected to. */
  readonly authUrl?: string | undefined;
  readonly allowedKeys: readonly SigningKey[];
  /** The only kinds that the relay serves; default: it serves any. */
  readonly servedKinds?: readonly number[] | undefined;
  /** An answer is waited for at least so long; default 5 s. */
  readonly leastPatienceMs?: number | undefined;
  readonly strict: boolean;
  readonly signal: AbortSignal;
  readonly watch: ConformWatch;
}

/** Who follows the suite while it goes on. */
export interface ConformWatch {
  /** A relay is started; what follows is about it. */
  onRelay(name: string): void;
  /** A probe has ended; hostile text in it. */
  onResult(result: CheckResult): void;
  /** All of a relay is known. */
  onRelayDone(relay: RelayResult): void;
}

/** Holds each relay against the selected probes and invariants, one relay after another. */
export async function conform(options: ConformOptions): Promise<Results> {
  const startedAt = new Date();
  const relays: RelayResult[] = [];
  const pids: Record<string, number | null> = {};
  for (const relay of options.relays) {
    if (options.signal.aborted) break;
    options.watch.onRelay(relay.name);
    const result = await conformRelay(relay, options, (pid) => {
      pids[relay.name] = pid;
    });
    relays.push(result);
    options.watch.onRelayDone(result);
  }
  return resultsOf(options, startedAt, relays, pids);
}

function resultsOf(
  { selection, relays: asked }: ConformOptions,
  startedAt: Date,
  relays: RelayResult[],
  pids: Record<string, number | null>,
): Results {
  const nothing = { p50: null, p99: null, max: null };
  return {
    schema: RESULTS_SCHEMA,
    complete: relays.length === asked.length && relays.every(({ status }) => status === 'ok'),
    startedAt: startedAt.toISOString(),
    warnings: [],
    scenario: {
      name: 'conform',
      description: 'The conformance suite: probes one by one, with the invariants listening.',
      seed: 0,
      epoch: startedAt.toISOString().slice(0, 10),
      planFingerprint: fingerprint(selection.probes.map(({ id }) => id)),
    },
    corpus: { events: 0, fingerprint: fingerprint([]) },
    environment: environment(),
    harness: {
      lateness: nothing,
      eventLoopDelay: nothing,
      cpu: null,
      headroom: null,
      bound: false,
      tailBound: false,
      perRelay: [],
    },
    rounds: [{ round: 1, order: relays.map(({ name }) => name), pids }],
    relays,
    comparisons: [],
    gates: [],
  };
}

function fingerprint(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex');
}
