/** What came of reading text from a client: the value, or why it was refused (with its prefix). */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

export function read<T>(value: T): Reading<T> {
  return { ok: true, value };
}

export function refuse(reason: string): Reading<never> {
  return { ok: false, reason };
}

/** A JSON object, as `JSON.parse` gives it. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const HEX_32_BYTES = /^[0-9a-f]{64}$/;
const HEX_64_BYTES = /^[0-9a-f]{128}$/;

/** 32 bytes in lower-case hex: an id or a public key. */
export function isHex32(value: unknown): value is string {
  return typeof value === 'string' && HEX_32_BYTES.test(value);
}

/** 64 bytes in lower-case hex: a signature. */
export function isHex64(value: unknown): value is string {
  return typeof value === 'string' && HEX_64_BYTES.test(value);
}

export function isKind(value: unknown): value is number {
  return Number.isInteger(value) && typeof value === 'number' && value >= 0 && value <= 65_535;
}
