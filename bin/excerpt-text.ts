import type { ExcerptLine } from '../harness/results.js';
import { printable } from '../reports/printable.js';

/** A note of the harness has no arrow: nothing went over the wire. */
const ARROWS: Readonly<Record<ExcerptLine['direction'], string>> = { sent: '→', got: '←', note: ' ' };

/** A line of a wire excerpt, cut at `width`: when it was seen, which way it went, and what was said, made harmless. */
export function excerptText({ atMs, direction, text }: ExcerptLine, width: number): string {
  return printable(`${atMs.toFixed(1).padStart(9)} ms ${ARROWS[direction]} ${text}`, width);
}
