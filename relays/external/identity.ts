import type { ExpectedIdentity } from './relay-entry.js';

/** What is said of hostile text at most. */
const SHOWN_CHARS = 80;

/** Which field of a NIP-11 document lacks the words that its entry expects; undefined when none does. */
export function identityProblem(nip11: unknown, expects: ExpectedIdentity): string | undefined {
  for (const field of ['name', 'software'] as const) {
    const expected = expects[field];
    if (expected === undefined) continue;
    const stated = fieldOf(nip11, field);
    if (typeof stated === 'string' && stated.includes(expected)) continue;
    return `its NIP-11 document gives ${field} as ${shown(stated)}, and ${JSON.stringify(expected)} was expected`;
  }
  return undefined;
}

function fieldOf(document: unknown, field: string): unknown {
  return typeof document === 'object' && document !== null ? Reflect.get(document, field) : undefined;
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : (JSON.stringify(value) ?? 'nothing').slice(0, SHOWN_CHARS);
}
