/**
 * Another spelling of an event that is known, told by its bytes alone: nothing is parsed. A relay that parses and serialises
 * writes the fields in an order of its own and puts space between them, and each value as it was.
 */

/** Where the values of the seven fields stand in the JSON of an event: beginnings and ends, in the order of {@link FIELDS}. */
type Layout = Int32Array;

const FIELDS = ['id', 'pubkey', 'created_at', 'kind', 'tags', 'content', 'sig'].map((name) =>
  Buffer.from(`"${name}"`),
);
const ALL_FIELDS = 2 ** FIELDS.length - 1;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
/** Shorter values are compared here: a call costs more. */
const SHORT_BYTES = 24;

/** Reused for every event: a layout is needed for one comparison only. */
const layout: Layout = new Int32Array(2 * FIELDS.length);

/**
 * Whether `payload` from `start` to `end` is an object with the seven fields of NIP-01, each once and no others, in any order, whose
 * values are byte for byte those of `json`. Then it is JSON, and the same event; false says nothing.
 * @param json holds an event, valid JSON, from `jsonStart` on
 */
export function isRespelled(
  payload: Buffer,
  start: number,
  end: number,
  json: Buffer,
  jsonStart = 0,
): boolean {
  if (payload[start] !== OPENING_BRACE || !readLayout(json, jsonStart)) return false;
  let seen = 0;
  for (let at = afterSpace(payload, start + 1); ; at = afterSpace(payload, at + 1)) {
    const field = fieldAt(payload, at);
    if (field < 0 || (seen & (1 << field)) !== 0) return false;
    seen |= 1 << field;
    at = valueAt(payload, at + lengthOf(field));
    const [from, to] = [layout[2 * field] ?? 0, layout[2 * field + 1] ?? 0];
    if (at < 0 || !isSame(payload, at, json, from, to)) return false;
    at = afterSpace(payload, at + to - from);
    if (payload[at] === CLOSING_BRACE) return at + 1 === end && seen === ALL_FIELDS;
    if (payload[at] !== COMMA) return false;
  }
}

/** Finds the fields of an event in its JSON; false if it has others, or one twice. */
function readLayout(json: Buffer, start: number): boolean {
  let seen = 0;
  for (let at = afterSpace(json, start + 1); ; at = afterSpace(json, at + 1)) {
    const field = fieldAt(json, at);
    if (field < 0 || (seen & (1 << field)) !== 0) return false;
    seen |= 1 << field;
    at = valueAt(json, at + lengthOf(field));
    if (at < 0) return false;
    layout[2 * field] = at;
    at = endOfValue(json, at);
    layout[2 * field + 1] = at;
    at = afterSpace(json, at);
    if (json[at] !== COMMA) return seen === ALL_FIELDS && json[at] === CLOSING_BRACE;
  }
}

function lengthOf(field: number): number {
  return FIELDS[field]?.length ?? 0;
}

/** Which field's quoted name stands at `at`; -1 for none. */
function fieldAt(bytes: Buffer, at: number): number {
  const field = FIELD_OF[letters(bytes[at + 1], bytes[at + 2])] ?? -1;
  const name = FIELDS[field];
  return name && isSame(bytes, at, name, 0, name.length) ? field : -1;
}

/** Fields by the first two letters of their names, which differ. */
const FIELD_OF = new Int8Array(2 ** 16).fill(-1);
for (const [field, name] of FIELDS.entries()) FIELD_OF[letters(name[1], name[2])] = field;

function letters(first = 0, second = 0): number {
  return (first << 8) | second;
}

/** Where the value begins whose name ends at `at`; -1 without a colon. */
function valueAt(bytes: Buffer, at: number): number {
  const colonAt = afterSpace(bytes, at);
  return bytes[colonAt] === COLON ? afterSpace(bytes, colonAt + 1) : -1;
}

/** Where a value of valid JSON ends: a string, a list of lists of strings, or a number. */
function endOfValue(json: Buffer, at: number): number {
  const first = json[at];
  if (first === QUOTE) return endOfString(json, at);
  if (first === OPENING_BRACKET) return endOfList(json, at);
  let end = at;
  while (end < json.length && !isAfterNumber(json[end] ?? 0)) end++;
  return end;
}

function isAfterNumber(byte: number): boolean {
  return byte === COMMA || byte === CLOSING_BRACE || isSpace(byte);
}

function endOfList(json: Buffer, at: number): number {
  let depth = 0;
  for (let end = at; end < json.length; ) {
    const byte = json[end];
    if (byte === QUOTE) {
      end = endOfString(json, end);
      continue;
    }
    if (byte === OPENING_BRACKET) depth += 1;
    else if (byte === CLOSING_BRACKET) depth -= 1;
    end += 1;
    if (depth === 0) return end;
  }
  return json.length;
}

function endOfString(json: Buffer, at: number): number {
  for (let quoteAt = json.indexOf(QUOTE, at + 1); quoteAt >= 0; quoteAt = json.indexOf(QUOTE, quoteAt + 1)) {
    let backslashes = 0;
    while (json[quoteAt - 1 - backslashes] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return quoteAt + 1;
  }
  return json.length;
}

/** Whether `json` from `from` to `to` stands in `bytes` at `at`. */
function isSame(bytes: Buffer, at: number, json: Buffer, from: number, to: number): boolean {
  const length = to - from;
  if (at + length > bytes.length) return false;
  if (length > SHORT_BYTES) return bytes.compare(json, from, to, at, at + length) === 0;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== json[from + i]) return false;
  return true;
}

/** Where what is no white space of JSON begins. */
export function afterSpace(bytes: Buffer, at: number): number {
  let end = at;
  while (isSpace(bytes[end] ?? 0)) end++;
  return end;
}

/** Tab, line feed, carriage return, space (RFC 8259). */
function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
