/**
 * Entry of a load worker's process: carries out orders that come over IPC, and stays for the whole run, so that its code is
 * warm in every round but the first.
 */
import { LocalLimitError } from '../client/local-limit.js';
import { nowNs } from '../clock.js';
import type { Step } from '../scenario/plan.js';
import type { Workload } from '../scenario/workload.js';
import { createTraceWriter } from '../trace/index.js';
import { type HttpLoad, startHttpLoad } from './http/http-load.js';
import { loadCorpus } from './load-corpus.js';
import { type OpenedWorkload, openWorkload } from './opened-workload.js';
import { PeerChannel } from './peer-channel.js';
import type { RoundOrder, WorkerMessage, WorkerOrder } from './protocol.js';
import { Round } from './round.js';
import { TurnChannel } from './turns.js';

let opened: OpenedWorkload | undefined;
let http: HttpLoad | undefined;
/** The relay that is being loaded, and what ends that early. */
let loading: { readonly relay: string; readonly interrupt: AbortController } | undefined;
const rounds = new Map<string, { readonly round: Round; readonly turns: TurnChannel | undefined }>();
/** Undefined while this worker plays alone. */
let peers: PeerChannel | undefined;

/** Whoever started this process may be gone already; then so is it in a moment. */
function say(message: WorkerMessage): void {
  process.send?.(message, undefined, undefined, () => {});
}

function workload(): OpenedWorkload {
  if (!opened) throw new Error('no workload yet');
  return opened;
}

async function carryOut(order: WorkerOrder): Promise<void> {
  switch (order.type) {
    case 'workload':
      opened = await openWorkload(order.file);
      if (hasHttp(opened.workload)) http ??= await startHttpLoad();
      say({ type: 'workload-done' });
      break;
    case 'load-corpus': {
      const { corpus, createReader, signAuth } = workload();
      const interrupt = new AbortController();
      loading = { relay: order.order.relay, interrupt };
      const report = await loadCorpus(order.order, corpus, createReader(), signAuth, interrupt.signal);
      say({ type: 'load-corpus-done', report });
      break;
    }
    case 'round':
      say({ type: 'round-done', relay: order.order.relay, report: await runRound(order.order) });
      break;
    case 'met':
      peers?.met(order.point, order.atNs);
      break;
    case 'news':
      peers?.heard(order.from, order.news);
      break;
    case 'turn':
      rounds.get(order.relay)?.turns?.begin();
      break;
    case 'abort':
      if (loading?.relay === order.relay) loading.interrupt.abort();
      rounds.get(order.relay)?.round.abort();
      break;
  }
}

function hasHttp({ sessions }: Workload): boolean {
  const isHttp = (step: Step): boolean =>
    step.do === 'http' || (step.do === 'repeat' && step.iterations.some(({ steps }) => steps.some(isHttp)));
  return sessions.some(({ steps }) => steps.some(isHttp));
}

async function runRound(order: RoundOrder): ReturnType<Round['run']> {
  const { workload: content, createReader, createJudge, publishBase, signAuth } = workload();
  const { relay, trace, share } = order;
  peers = share && new PeerChannel(say, nowNs);
  const turns = order.inTurns ? new TurnChannel(relay, say) : undefined;
  const round = new Round(order, {
    workload: content,
    reader: createReader(),
    trace: trace && createTraceWriter(trace.file, trace.header, trace.startNs ?? nowNs()),
    peers,
    turns,
    judge: order.judged ? createJudge(order) : undefined,
    publishBase,
    http,
    signAuth,
    progress: (progress) => say({ type: 'progress', relay, progress }),
    window: (open) => say({ type: 'window', relay, open }),
  });
  rounds.set(relay, { round, turns });
  try {
    return await round.run();
  } finally {
    rounds.delete(relay);
    peers = undefined;
  }
}

process.on('message', (order: WorkerOrder) => {
  carryOut(order).catch((error: unknown) => {
    const known = error instanceof Error ? error : new Error(String(error));
    const hint = known instanceof LocalLimitError ? known.hint : undefined;
    const relay = order.type === 'round' ? order.order.relay : undefined;
    say({ type: 'failed', relay, message: known.message, stack: known.stack, hint });
  });
});

// Ctrl-C reaches the whole process group; the run decides what is kept, and a lost parent ends everything.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));

say({ type: 'ready' });
