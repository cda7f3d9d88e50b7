import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { resolveRelay } from '../../relays/catalog.js';
import { type RelaySample, type RunningRelay, relaySettings } from '../../relays/relay.js';
import { eventPool, MessageGrammar } from './messages.js';
import { randomOf } from './random-of.js';
import { runSession, StuckError } from './session.js';
import { serveWell } from './well-behaved.js';

const SESSIONS_AT_ONCE = 16;
const MAX_MESSAGES_A_SESSION = 400;

/** Past this much of the run a relay has seen everything once; memory is compared with what it was then. */
const WARM_SHARE = 0.3;

/** A heap that grows by less than this over the rest of the run is steady: V8 needs some room to breathe. */
const HEAP_MAY_GROW_BYTES = 48 * 1024 * 1024;

/** Listening socket, IPC, epoll and the like are there from the start; nothing else may stay. */
const DESCRIPTORS_MAY_GROW = 3;

const SETTLE_WITHIN_MS = 20_000;

export interface FuzzOptions {
  readonly relay: string;
  readonly seed: number;
  readonly messages: number;
  /** Threads of the relay that verify signatures; 0 unless given. */
  readonly verifyThreads?: number | undefined;
  /** Play this session alone. */
  readonly session?: number | undefined;
  readonly onProgress?: (messages: number) => void;
}

export interface FuzzReport {
  readonly messages: number;
  readonly sessions: number;
  readonly durationS: number;
  /** What went wrong; none in a good run. */
  readonly failures: readonly string[];
  readonly heapGrowthBytes: number;
  readonly descriptorGrowth: number;
  readonly heldBytes: number;
}

/** Runs `messages` messages of the seed against a relay's process, and looks at what is left of it. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const relay = resolveRelay(options.relay, { allowRemote: false, cwd: process.cwd() });
  const dir = await mkdtemp(join(tmpdir(), 'reqbench-fuzz-'));
  const settings = relaySettings({ verifyThreads: options.verifyThreads });
  const running = await relay.start({ dir, settings, readyWithinMs: 30_000 });
  try {
    return await attack(running, options);
  } finally {
    await running.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function attack(running: RunningRelay, options: FuzzOptions): Promise<FuzzReport> {
  const { url } = running.target;
  const events = eventPool();
  const samples = new Samples(running);
  const failures: string[] = [];
  void running.exited.then(({ code, signal }) =>
    failures.push(`the relay ended: ${signal ?? `exit code ${code}`}`),
  );
  await serveWell(url);
  const descriptors = openDescriptors(running.pid);
  const startedMs = performance.now();
  const sessions = planSessions(options);
  let sent = 0;
  let next = 0;
  const play = async (): Promise<void> => {
    for (
      let session = sessions[next++];
      session !== undefined && failures.length === 0;
      session = sessions[next++]
    ) {
      const { number, messages } = session;
      const random = randomOf(options.seed, number);
      try {
        await runSession(url, messages, new MessageGrammar(random, events), random);
      } catch (error) {
        if (!(error instanceof StuckError)) throw error;
        failures.push(`session ${number}: ${error.message}`);
      }
      sent += messages;
      samples.isWarm ||= sent >= WARM_SHARE * options.messages;
      options.onProgress?.(sent);
    }
  };
  await Promise.all(Array.from({ length: SESSIONS_AT_ONCE }, play));
  const durationS = (performance.now() - startedMs) / 1_000;
  if (failures.length === 0) failures.push(...(await afterwards(running, samples, descriptors)));
  return {
    messages: sent,
    sessions: sessions.length,
    durationS,
    failures: [...failures],
    heapGrowthBytes: samples.heapGrowthBytes,
    descriptorGrowth: openDescriptors(running.pid) - descriptors,
    heldBytes: samples.last?.heldBytes ?? 0,
  };
}

/** Sessions by number, of random lengths that add up to the messages of the run. */
function planSessions({
  seed,
  messages,
  session,
}: FuzzOptions): readonly { number: number; messages: number }[] {
  const random = randomOf(seed, 'sessions');
  const sessions: { number: number; messages: number }[] = [];
  for (let left = messages; left > 0; ) {
    const length = Math.min(left, 1 + random.below(MAX_MESSAGES_A_SESSION));
    sessions.push({ number: sessions.length, messages: length });
    left -= length;
  }
  return session === undefined ? sessions : sessions.filter(({ number }) => number === session);
}

async function afterwards(running: RunningRelay, samples: Samples, descriptors: number): Promise<string[]> {
  const failures: string[] = [];
  try {
    await serveWell(running.target.url);
  } catch (error) {
    failures.push(`a well-behaved client is not served: ${error instanceof Error ? error.message : error}`);
  }
  const isBack = (): boolean =>
    samples.last?.connections === 0 &&
    samples.last.heldBytes === 0 &&
    openDescriptors(running.pid) <= descriptors + DESCRIPTORS_MAY_GROW;
  for (const endMs = performance.now() + SETTLE_WITHIN_MS; !isBack() && performance.now() < endMs; )
    await sleep(100);
  const { last } = samples;
  if (last?.connections !== 0) failures.push(`${last?.connections} connections are left`);
  if (last?.heldBytes !== 0) failures.push(`${last?.heldBytes} bytes are held for nobody`);
  const growth = openDescriptors(running.pid) - descriptors;
  if (growth > DESCRIPTORS_MAY_GROW) failures.push(`${growth} file descriptors are left open`);
  if (samples.heapGrowthBytes > HEAP_MAY_GROW_BYTES) {
    failures.push(`the heap grew by ${samples.heapGrowthBytes} bytes`);
  }
  return failures;
}

/** The samples that the relay takes of itself; of the heap, the least of each part: what a collection left. */
class Samples {
  last: RelaySample | undefined;
  isWarm = false;
  #leastCold = Number.POSITIVE_INFINITY;
  #recent: number[] = [];

  constructor(running: RunningRelay) {
    running.onSample((sample) => {
      this.last = sample;
      this.#recent.push(sample.heapUsedBytes);
      if (this.isWarm) {
        // The last 10 s.
        if (this.#recent.length > 200) this.#recent.shift();
      } else {
        this.#leastCold = Math.min(...this.#recent.slice(-200));
      }
    });
  }

  get heapGrowthBytes(): number {
    const least = Math.min(...this.#recent);
    return Number.isFinite(this.#leastCold) ? Math.max(0, least - this.#leastCold) : 0;
  }
}

function openDescriptors(pid: number | undefined): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}
