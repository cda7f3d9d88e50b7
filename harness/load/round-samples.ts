import type { SampleSink } from '../client/session-context.js';
import { NS_PER_MS } from '../clock.js';
import type { Recorder } from '../measure/recorder.js';
import type { TimeSpan } from '../measure/time-span.js';
import type { PhaseClock } from './phase-clock.js';

/** A sample sink that records what is due in measured phases and counts what arrives while one is running. */
export interface RoundSamples extends SampleSink {
  /** For the progress line: REQs answered so far, in any phase. */
  requestsAnswered: number;
  /** Whether a measured phase is running now. */
  measuring: boolean;
  /** Writes the once-a-round rates of what was received, over a window of so many seconds. */
  finish(windowS: number): void;
}

export function createRoundSamples(recorder: Recorder, phases: PhaseClock): RoundSamples {
  const window = { events: 0, bytes: 0 };
  const http = { answers: 0, bytes: 0, spans: [] as TimeSpan[] };
  return {
    requestsAnswered: 0,
    measuring: false,
    sample(metric, durationNs, dueNs, client, req) {
      if (metric === 'req.eose') this.requestsAnswered += 1;
      const phase = phases.at(dueNs);
      if (!phase?.measured) return;
      recorder.record(metric, durationNs / NS_PER_MS, { client, req, phase: phase.name });
    },
    count(metric, dueNs, client, req) {
      const phase = phases.at(dueNs);
      if (!phase?.measured) return;
      recorder.count(metric, {
        client,
        phase: phase.name,
        ...(req === undefined ? {} : { req }),
      });
    },
    http(report, dueNs, endNs, client, req) {
      const phase = phases.at(dueNs);
      if (!phase?.measured) return;
      const labels = { client, req, phase: phase.name };
      recorder.merge('http.latency', report.latency, labels);
      recorder.count('http.errors', labels, report.errors);
      recorder.count('http.unexpected', labels, report.unexpected);
      http.answers += report.responses;
      http.bytes += report.bytes;
      // The report may come some time after the load's own end.
      const toNs = Math.min(endNs, dueNs + report.elapsedMs * NS_PER_MS);
      http.spans.push({ fromNs: dueNs, toNs });
    },
    received(isEvent, bytes) {
      if (!this.measuring) return;
      if (isEvent) window.events += 1;
      window.bytes += bytes;
    },
    finish(windowS) {
      recorder.rate('http.rate', http.answers, http.spans);
      recorder.rate('http.bytes.rate', http.bytes, http.spans);
      if (windowS <= 0) return;
      recorder.value('events.received.rate', window.events / windowS);
      recorder.value('bytes.received.rate', window.bytes / windowS);
    },
  };
}
