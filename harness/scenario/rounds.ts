const ALPHA = 0.05;

/**
 * The least number of pairs for k comparisons: the smallest n with 2^(1−n) ≤ 0.05 / k, below which a
 * distribution-free interval of the median doesn't exist at that confidence (contracts.md, "Verdicts").
 */
export function pairsNeeded(comparisons: number): number {
  if (comparisons < 1) return 1;
  let pairs = 1;
  while (2 ** (1 - pairs) > ALPHA / comparisons) pairs += 1;
  return pairs;
}
