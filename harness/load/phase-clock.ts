import type { PlannedPhase } from '../scenario/plan.js';
import type { PhaseSpan } from './protocol.js';

/** Knows which phase runs when, and so to which a due time belongs. */
export class PhaseClock {
  readonly #spans: { name: string; measured: boolean; startNs: number; endNs: number }[] = [];

  /** A phase begins; without `endNs` it lasts until {@link end}. */
  begin(phase: PlannedPhase, startNs: number): void {
    const endNs =
      phase.durationMs === undefined ? Number.POSITIVE_INFINITY : startNs + phase.durationMs * 1e6;
    this.#spans.push({ name: phase.name, measured: phase.measure, startNs, endNs });
  }

  /** The phase that began last ends at `endNs`, unless it has a duration and ended before. */
  end(endNs: number): void {
    const last = this.#spans.at(-1);
    if (last) last.endNs = Math.min(last.endNs, endNs);
  }

  /** The phase that was running at a stamp; undefined between phases and after the last. */
  at(ns: number): PhaseSpan | undefined {
    for (let index = this.#spans.length - 1; index >= 0; index -= 1) {
      const span = this.#spans[index];
      if (span && ns >= span.startNs) return ns < span.endNs ? span : undefined;
    }
    return undefined;
  }

  spans(): readonly PhaseSpan[] {
    return this.#spans;
  }
}
