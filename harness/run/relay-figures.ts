import type { RelaySample } from '../../relays/relay.js';
import type { ProcessSamples } from '../measure/process-sampler.js';
import { type RecordedMetric, Recorder } from '../measure/recorder.js';
import type { SeriesResult } from '../results.js';
import { msSince } from './relay-round.js';

/** A relay's own figures in one round: once-a-round metrics, and what was sampled over time. */
export interface RelayFigures {
  readonly metrics: readonly RecordedMetric[];
  readonly series: readonly Omit<SeriesResult, 'round'>[];
}

/**
 * What a relay took in one measured window. `process` was seen from outside, `inside` are samples that the relay took of
 * itself. What nobody saw is absent, never zero.
 */
export function relayFigures(
  process: ProcessSamples | undefined,
  inside: readonly RelaySample[],
  window: { readonly startNs: number; readonly endNs: number },
): RelayFigures {
  const figures = new Figures();
  if (process?.seen) addOutside(figures, process);
  const inWindow = inside.filter(({ atNs }) => atNs >= window.startNs && atNs <= window.endNs);
  const atMs = inWindow.map(({ atNs }) => msSince(window.startNs, atNs));
  if (inWindow.length > 0) addInside(figures, inWindow, atMs);
  return figures;
}

function addOutside(figures: Figures, process: Extract<ProcessSamples, { readonly seen: true }>): void {
  const { cpuTimeS, userTimeS, switches, anonPeakBytes } = process;
  const { atMs, rssBytes, anonBytes } = process.series;
  figures.value('memory.rss.peak', process.rssPeakBytes);
  figures.value('memory.anon.peak', anonPeakBytes);
  figures.value('cpu.time', cpuTimeS);
  figures.value('cpu.user', userTimeS);
  if (cpuTimeS !== undefined && userTimeS !== undefined) figures.value('cpu.system', cpuTimeS - userTimeS);
  figures.value('switches.voluntary', switches?.voluntary);
  figures.value('switches.involuntary', switches?.involuntary);
  figures.line('memory.rss', 'bytes', atMs, rssBytes);
  figures.line('memory.anon', 'bytes', atMs, anonBytes);
}

function addInside(figures: Figures, samples: readonly RelaySample[], atMs: readonly number[]): void {
  const peak = (
    metric: Parameters<Figures['value']>[0],
    line: string,
    unit: string,
    values: readonly number[],
  ): void => {
    figures.value(metric, Math.max(...values));
    figures.line(line, unit, atMs, values);
  };
  const all = <Value>(of: (sample: RelaySample) => Value | undefined): Value[] | undefined => {
    const known = samples.flatMap((sample) => of(sample) ?? []);
    return known.length === samples.length ? (known as Value[]) : undefined;
  };
  peak(
    'memory.heap.peak',
    'memory.heap',
    'bytes',
    samples.map((one) => one.heapUsedBytes),
  );
  peak(
    'memory.external.peak',
    'memory.external',
    'bytes',
    samples.map((one) => one.externalBytes),
  );
  const held = all((one) => one.heldBytes);
  if (held) peak('memory.held.peak', 'memory.held', 'bytes', held);
  peak(
    'eventloop.delay',
    'eventloop.delay',
    'ms',
    samples.map((one) => one.eventLoopDelayMs),
  );
  peak(
    'connections.peak',
    'connections',
    'count',
    samples.map((one) => one.connections),
  );
  peak(
    'subscriptions.peak',
    'subscriptions',
    'count',
    samples.map((one) => one.subscriptions),
  );
  const collections = all((one) => one.gc);
  if (!collections) return;
  const pauses = collections.map(({ pauseMs }) => pauseMs);
  figures.value(
    'gc.count',
    collections.reduce((sum, { count }) => sum + count, 0),
  );
  figures.value(
    'gc.pause',
    pauses.reduce((sum, ms) => sum + ms, 0),
  );
  figures.value('gc.pause.max', Math.max(...collections.map(({ longestMs }) => longestMs)));
  figures.line('gc.pause', 'ms', atMs, pauses);
}

/** Collects the figures; leaves out what isn't known. */
class Figures implements RelayFigures {
  readonly #recorder = new Recorder();
  readonly series: Omit<SeriesResult, 'round'>[] = [];

  get metrics(): readonly RecordedMetric[] {
    return this.#recorder.snapshot();
  }

  value(metric: Parameters<Recorder['value']>[0], value: number | undefined): void {
    if (value !== undefined) this.#recorder.value(metric, value);
  }

  line(metric: string, unit: string, atMs: readonly number[], value: readonly number[]): void {
    if (value.length === 0) return;
    this.series.push({
      metric,
      unit,
      atMs: atMs.map((ms) => Math.round(ms * 10) / 10),
      value: [...value],
    });
  }
}
