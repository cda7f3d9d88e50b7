import { closest, distance } from 'fastest-levenshtein';

/** `did you mean "x"?` where one of `known` is near to `name`, else the list of what there is. */
export function suggestion(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === undefined ? `known: ${known.join(', ')}` : `did you mean "${near}"?`;
}

function nearest(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const near = closest(name.toLowerCase(), [...known]);
  return distance(name.toLowerCase(), near) <= Math.max(2, name.length / 3) ? near : undefined;
}
