/** The conformance suite: probes against relays, with the invariants listening, and results.json of it. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NostrEvent } from 'nostr-tools/pure';
import type { RelayDeclarations } from '../../relays/catalog.js';
import {
  type Relay,
  RelayNotReadyError,
  type RelaySettingsInput,
  type RunningRelay,
  relaySettings,
} from '../../relays/relay.js';
import { createFrameReader } from '../client/frame.js';
import { createKnownEvents } from '../client/known-events.js';
import { NS_PER_MS, nowNs } from '../clock.js';
import { publicKeyOf } from '../corpus/keys.js';
import { eventId, isSignatureValid, type SigningKey } from '../corpus/signature.js';
import type { CheckResult, RelayResult, Results } from '../results.js';
import { RESULTS_SCHEMA } from '../results.js';
import { environment } from '../run/environment.js';
import type { Selection } from './conform-selection.js';
import { conformanceOf } from './merge.js';
import { NotArranged } from './probes/probe.js';
import { ENDED_DURING, runProbes } from './probes/run-probes.js';
import { Scene } from './probes/scene.js';
import { field, patienceMs, type Subject } from './probes/subject.js';
import { createJudge } from './wire-judge.js';

const READY_WITHIN_MS = 30_000;
const ROUND_TRIPS = 5;
/** What a round trip is taken for until it was measured, and where nothing is answered. */
const ASSUMED_ROUND_TRIP_MS = 20;
const PARALLEL = 8;
const NIP42 = 42;

export interface ConformOptions {
  readonly relays: readonly Relay[];
  readonly selection: Selection;
  /** Of the reference relays; `access` is believed of every relay. */
  readonly settings: RelaySettingsInput;
  /** The address that AUTH events name; undefined: the one that is connected to. */
  readonly authUrl?: string | undefined;
  readonly allowedKeys: readonly SigningKey[];
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

async function conformRelay(
  relay: Relay,
  options: ConformOptions,
  onPid: (pid: number | null) => void,
): Promise<RelayResult> {
  const dir = await mkdtemp(join(tmpdir(), 'reqbench-conform-'));
  try {
    const settings = relaySettings(options.settings);
    const running = await relay.start({ dir, settings, readyWithinMs: READY_WITHIN_MS });
    onPid(running.pid ?? null);
    try {
      return await probeRelay(relay, running, options);
    } finally {
      await running.stop();
    }
  } catch (error) {
    if (!(error instanceof RelayNotReadyError)) throw error;
    const ending = { message: error.message, logTail: [...error.logTail] };
    return { ...resultFor(relay, undefined), status: 'failed-to-start', error: ending, conformance: null };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function probeRelay(
  relay: Relay,
  running: RunningRelay,
  options: ConformOptions,
): Promise<RelayResult> {
  const { selection, strict, watch } = options;
  const ended = new AbortController();
  let exit: string | undefined;
  void running.exited.then(({ code, signal }) => {
    exit = signal ?? `exit code ${code}`;
    ended.abort();
  });
  const signal = AbortSignal.any([options.signal, ended.signal]);
  const subject = await measured(subjectOf(relay, running, options));
  const probed = await runProbes({
    subject,
    probes: selection.probes,
    parallel: PARALLEL,
    signal,
    onResult: (result) => {
      if (selection.has(result.id)) watch.onResult(result);
    },
  });
  const { checks } = subject.judge.finish(nowNs()).conformance;
  const selected = [...probed, ...checks].filter(({ id }) => selection.has(id));
  const conformance = conformanceOf(selected, { strict });
  const result = { ...resultFor(relay, running), conformance };
  if (options.signal.aborted) return { ...result, status: 'interrupted' };
  if (exit === undefined) return result;
  const played = probed.filter(({ note }) => note === ENDED_DURING).map(({ id }) => id);
  const during = played.length > 0 ? ` while ${played.join(', ')} ran` : '';
  const error = {
    message: `the relay's process ended${during} (${exit})`,
    logTail: [...running.logTail()],
  };
  return { ...result, status: 'died', error };
}

function subjectOf(relay: Relay, running: RunningRelay, options: ConformOptions): Subject {
  const { url } = running.target;
  const { declared = {} } = relay;
  const nip11 = withLimits(running.target.nip11, declared.limitation);
  const statesAuth = field(field(nip11, 'limitation'), 'auth_required') === true;
  const access = options.settings.access ?? declared.access ?? (statesAuth ? 'auth-required' : 'open');
  const nips = field(nip11, 'supported_nips');
  const claims = new Set<number>(Array.isArray(nips) ? nips.filter(Number.isInteger) : []);
  if (access === 'auth-required') claims.add(NIP42);
  const known = createKnownEvents([]);
  const deadlineMs = patienceMs({ roundTripMs: ASSUMED_ROUND_TRIP_MS });
  let connections = 0;
  return {
    url,
    authUrl: options.authUrl ?? running.authUrl ?? url,
    writable: relay.writable,
    access,
    claims,
    nip11,
    allowedKeys: options.allowedKeys.length > 0 ? options.allowedKeys : declaredKeys(declared),
    roundTripMs: ASSUMED_ROUND_TRIP_MS,
    known,
    reader: createFrameReader(known),
    judge: createJudge({
      known,
      loaded: 0,
      holdingsKnown: relay.writable,
      access,
      admins: adminsOf(options.settings),
      claims,
      deadlineMs,
      verify: isGenuine,
    }),
    surroundings: {
      clock: nowNs,
      wallClockMs: Date.now,
      randomBytes,
      nextConnection() {
        connections += 1;
        return connections;
      },
    },
  };
}

/** What a relay's document says, and of its limits what its entry says where the document is silent. */
function withLimits(nip11: unknown, limitation: RelayDeclarations['limitation']): unknown {
  if (!limitation) return nip11;
  const document = typeof nip11 === 'object' ? nip11 : {};
  const stated = field(nip11, 'limitation');
  return { ...document, limitation: { ...limitation, ...(typeof stated === 'object' ? stated : {}) } };
}

function declaredKeys({ allowedKeys = [] }: RelayDeclarations): readonly SigningKey[] {
  return allowedKeys.map((secretKey) => ({ secretKey, publicKey: publicKeyOf(secretKey) }));
}

/** Who may read everything where the settings declare a mode; what NIP-11 alone states leaves that open. */
function adminsOf({ access, members = {} }: RelaySettingsInput): ReadonlySet<string> | undefined {
  return access && new Set([...(members.owner ?? []), ...(members.admin ?? [])]);
}

/** The subject with its round trip: the median over a few REQs; the assumed one where they aren't answered. */
async function measured(subject: Subject): Promise<Subject> {
  const scene = new Scene(subject);
  const timesMs: number[] = [];
  try {
    const client = await scene.connect();
    for (let turn = 0; turn < ROUND_TRIPS; turn++) {
      const sentNs = nowNs();
      if (!(await client.isAlive())) break;
      timesMs.push((nowNs() - sentNs) / NS_PER_MS);
    }
  } catch (error) {
    if (!(error instanceof NotArranged)) throw error;
  } finally {
    await scene.end();
  }
  const median = timesMs.sort((a, b) => a - b)[Math.floor(timesMs.length / 2)];
  return { ...subject, roundTripMs: median ?? ASSUMED_ROUND_TRIP_MS };
}

function isGenuine(event: NostrEvent): boolean {
  return eventId(event) === event.id && isSignatureValid(event);
}

function resultFor(relay: Relay, running: RunningRelay | undefined): RelayResult {
  const target = running?.target;
  return {
    name: relay.name,
    status: 'ok',
    target: {
      kind: relay.kind,
      ...(target?.url === undefined ? {} : { url: target.url }),
      ...(target?.command === undefined ? {} : { command: target.command }),
      ...(target?.nip11 === undefined ? {} : { nip11: target.nip11 }),
    },
    metrics: [],
    series: [],
    conformance: null,
  };
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
