/** Between two `nowNs()` stamps. */
export interface TimeSpan {
  readonly fromNs: number;
  readonly toNs: number;
}

/** How long at least one of the spans lasted. */
export function unionNs(spans: readonly TimeSpan[]): number {
  let total = 0;
  let reachedNs = 0;
  for (const { fromNs, toNs } of spans.toSorted((a, b) => a.fromNs - b.fromNs)) {
    total += Math.max(0, toNs - Math.max(fromNs, reachedNs));
    reachedNs = Math.max(reachedNs, toNs);
  }
  return total;
}
