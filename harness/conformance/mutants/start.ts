import { resolveRelay } from '../../../relays/catalog.js';
import {
  type Relay,
  type RelaySettingsInput,
  type RelayTarget,
  type RunningRelay,
  relaySettings,
  type StartOptions,
} from '../../../relays/relay.js';
import { startFragmentDroppingProxy, startMessageProxy } from '../../proxy/index.js';
import { CLEAN_GATE } from './access-mutants.js';
import type { Making, Mutant } from './mutant.js';
import { UNALTERED } from './scene.js';
import { STAGES, type StageName } from './stages.js';
import { CLEAN_SYNC } from './sync-mutants.js';

const READY_WITHIN_MS = 30_000;
const DOCUMENT_WITHIN_MS = 5_000;
type Tampering = Extract<Making, { kind: 'tamper' }>;

/** Stages that a proxy makes. */
export const CLEAN_OF: Readonly<Partial<Record<StageName, Making>>> = {
  gate: { kind: 'tamper', mutation: CLEAN_GATE },
  sync: CLEAN_SYNC,
};

const CLEAN: Making = { kind: 'tamper', mutation: UNALTERED };

/** What a mutant, or the clean relay that it is made of, is started with. */
export interface MutantStart {
  /** Scratch folder of this start alone; exists. */
  readonly dir: string;
  readonly settings: RelaySettingsInput;
  readonly preloadFile?: string | undefined;
}

/**
 * Starts a mutant on loopback, in a process of its own.
 * @throws {RelayNotReadyError} when its relay doesn't start
 */
export function startMutant(
  { relay, how }: Pick<Mutant, 'relay' | 'how'>,
  start: MutantStart,
): Promise<RunningRelay> {
  return behindProxy(how, startProcess(relay, how, start));
}

/** Starts the same relay with nothing broken. It stands behind the same proxy. */
export function startClean(relay: Mutant['relay'], start: MutantStart): Promise<RunningRelay> {
  return startMutant({ relay, how: CLEAN }, start);
}

/**
 * A mutant as a relay that the suite can be held against, in its stage.
 * @param upstreams where clean processes are shared; undefined: each start has one of its own
 */
export function mutantRelay({ id, relay, how, stage }: Mutant, upstreams?: Upstreams): Relay {
  // What a proxy breaks leaves the process behind it as it was, so that one will do for all of a stage.
  const shared = how.kind === 'tamper' || how.kind === 'no-fragments' ? upstreams : undefined;
  return asRelay(id, (options) =>
    behindProxy(
      how,
      shared?.of(relay, stage) ?? startProcess(STAGES[stage].module ?? relay, how, inStage(stage, options)),
    ),
  );
}

/** The clean relay of a stage. */
export function cleanRelay(relay: Mutant['relay'], stage: StageName): Relay {
  const how = CLEAN_OF[stage] ?? CLEAN;
  return asRelay(`${relay}, ${stage}`, (options) =>
    behindProxy(how, startProcess(STAGES[stage].module ?? relay, how, inStage(stage, options))),
  );
}

/** A relay of a stage, clean or with deviations of its own, and no proxy before it. */
export function bareRelay({
  relay,
  stage,
  how = CLEAN,
}: Pick<Mutant, 'relay' | 'stage'> & Partial<Pick<Mutant, 'how'>>): Relay {
  return asRelay(relay, (options) => startProcess(relay, how, inStage(stage, options)));
}

/** Clean relays that several mutants stand before, each started when it is first asked for. */
export class Upstreams {
  readonly #running = new Map<string, Promise<RunningRelay>>();

  constructor(private readonly makeDir: () => Promise<string>) {}

  /** A view of the running relay whose `stop` does nothing. */
  async of(relay: Mutant['relay'], stage: StageName): Promise<RunningRelay> {
    const key = `${relay} ${stage}`;
    const started = this.#running.get(key) ?? this.#start(relay, stage);
    this.#running.set(key, started);
    const { target, pid, preloaded, exited, logTail, onSample } = await started;
    return { target, pid, preloaded, exited, logTail, onSample, stop: async () => {} };
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map(async (running) => (await running).stop()));
  }

  async #start(relay: Mutant['relay'], stage: StageName): Promise<RunningRelay> {
    const dir = await this.makeDir();
    return startProcess(relay, CLEAN, { dir, settings: STAGES[stage].settings });
  }
}

function asRelay(name: string, start: (options: StartOptions) => Promise<RunningRelay>): Relay {
  return { name, kind: 'builtin', writable: true, floor: false, start };
}

function inStage(stage: StageName, { dir }: StartOptions): MutantStart {
  return { dir, settings: STAGES[stage].settings };
}

async function startProcess(
  spec: string,
  how: Making,
  { dir, settings, preloadFile }: MutantStart,
): Promise<RunningRelay> {
  const relay = resolveRelay(spec, { allowRemote: false, cwd: dir });
  const deviations = how.kind === 'deviation' ? how.deviations : [];
  return relay.start({
    dir,
    settings: relaySettings({ ...settings, deviations }),
    preloadFile,
    readyWithinMs: READY_WITHIN_MS,
  });
}

async function behindProxy(how: Making, upstream: Promise<RunningRelay>): Promise<RunningRelay> {
  const running = await upstream;
  const proxy = await startProxy(how, running.target.url);
  const nip11 = how.kind === 'tamper' && how.http ? await documentOf(proxy.url) : running.target.nip11;
  return {
    ...running,
    target: { ...running.target, url: proxy.url, nip11 },
    async stop() {
      await proxy.close();
      await running.stop();
    },
  };
}

function startProxy(how: Making, upstream: string) {
  if (how.kind === 'no-fragments') return startFragmentDroppingProxy(upstream);
  const { mutation, http, autoPong }: Pick<Tampering, 'mutation' | 'http' | 'autoPong'> =
    how.kind === 'tamper' ? how : { mutation: UNALTERED };
  const tamperOf = mutation();
  return startMessageProxy({
    upstream,
    tamperOf: (_connection, handshake) => tamperOf(handshake),
    http: http?.(),
    autoPong,
  });
}

/** The information document as clients of the proxy get it. */
async function documentOf(url: string): Promise<RelayTarget['nip11']> {
  try {
    const response = await fetch(url.replace(/^ws/, 'http'), {
      headers: { accept: 'application/nostr+json' },
      signal: AbortSignal.timeout(DOCUMENT_WITHIN_MS),
    });
    return await response.json();
  } catch {
    return undefined;
  }
}
