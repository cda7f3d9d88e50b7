/** One line of a text file, without its line end. */
export interface FileLine {
  readonly bytes: Buffer;
  /** Counts from 1. */
  readonly number: number;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** The lines of a file that aren't blank; a byte order mark and carriage returns before line feeds don't count. */
export function* fileLines(file: Buffer): Generator<FileLine> {
  let start = file.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
  for (let number = 1; start < file.length; number++) {
    const found = file.indexOf(LINE_FEED, start);
    const end = found === -1 ? file.length : found;
    const bytes = file.subarray(start, file[end - 1] === CARRIAGE_RETURN && end > start ? end - 1 : end);
    if (!isBlank(bytes)) yield { bytes, number };
    start = end + 1;
  }
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09);
}
