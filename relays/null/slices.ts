/**
 * What the null relay needs of a message, sliced out of its bytes. Text is latin1, one character a byte: cheap to
 * make, and lossless however it was encoded.
 */
export type Slices =
  | { readonly label: 'REQ' | 'COUNT'; readonly subscription: string; readonly filters: string }
  | { readonly label: 'CLOSE'; readonly subscription: string }
  /** `event`: its JSON text, as it came. */
  | { readonly label: 'EVENT'; readonly id: string; readonly event: Buffer }
  | { readonly label: 'AUTH'; readonly id: string };

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const ID_KEY = Buffer.from('"id":"');
const ID_CHARS = 64;

const REQ = '["REQ","';
const COUNT = '["COUNT","';
const CLOSE = '["CLOSE","';
const EVENT = '["EVENT",';
const AUTH = '["AUTH",';

/** Undefined for what is no message of a client. */
export function slice(message: Buffer): Slices | undefined {
  return sliceCompact(message) ?? sliceSpaced(message);
}

/** JSON without white space, which is what clients send. */
function sliceCompact(message: Buffer): Slices | undefined {
  if (message[message.length - 1] !== CLOSING_BRACKET) return undefined;
  if (startsWith(message, REQ)) return sliceAsked(message, 'REQ', REQ);
  if (startsWith(message, COUNT)) return sliceAsked(message, 'COUNT', COUNT);
  if (startsWith(message, EVENT)) {
    const id = sliceId(message);
    return id === undefined
      ? undefined
      : { label: 'EVENT', id, event: message.subarray(EVENT.length, message.length - 1) };
  }
  if (startsWith(message, CLOSE)) {
    const end = stringEnd(message, CLOSE.length);
    return end === message.length - 2
      ? { label: 'CLOSE', subscription: message.toString('latin1', CLOSE.length, end) }
      : undefined;
  }
  if (startsWith(message, AUTH)) {
    const id = sliceId(message);
    return id === undefined ? undefined : { label: 'AUTH', id };
  }
  return undefined;
}

function sliceAsked(message: Buffer, label: 'REQ' | 'COUNT', opening: string): Slices | undefined {
  const end = stringEnd(message, opening.length);
  if (message[end + 1] !== COMMA) return undefined;
  return {
    label,
    subscription: message.toString('latin1', opening.length, end),
    filters: message.toString('latin1', end + 2, message.length - 1),
  };
}

/** Any other JSON; written anew without white space, it is one of the known forms or none. */
function sliceSpaced(message: Buffer): Slices | undefined {
  try {
    return sliceCompact(Buffer.from(JSON.stringify(JSON.parse(message.toString('utf8')))));
  } catch {
    return undefined;
  }
}

/** A quote inside a string is escaped, so `"id":"` in the bytes is the key; events nest no other. */
function sliceId(message: Buffer): string | undefined {
  const key = message.indexOf(ID_KEY);
  const begin = key + ID_KEY.length;
  return key !== -1 && message[begin + ID_CHARS] === QUOTE
    ? message.toString('latin1', begin, begin + ID_CHARS)
    : undefined;
}

function stringEnd(message: Buffer, begin: number): number {
  let at = begin;
  while (at < message.length && message[at] !== QUOTE) at += message[at] === BACKSLASH ? 2 : 1;
  return at;
}

function startsWith(message: Buffer, text: string): boolean {
  if (message.length < text.length) return false;
  for (let i = 0; i < text.length; i++) if (message[i] !== text.charCodeAt(i)) return false;
  return true;
}
