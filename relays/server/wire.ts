/**
 * The bytes of WebSocket frames (RFC 6455, section 5.2), and nothing else. The relay builds text frames itself because many
 * joined into one buffer leave the socket several times faster than one write a frame. A frame from a server is not
 * masked and, without extensions, is just a header and the payload, so it may stand anywhere between two frames of `ws`.
 */

/** An EVENT message in two parts that are joined on the way out. */
export interface EventFrame {
  readonly head: Uint8Array;
  /** The event; the closing bracket is added. */
  readonly event: Uint8Array;
}

/** A text message: an EVENT, or the text of any other, which is encoded on the way out. */
export type TextFrame = EventFrame | string;

const FIN_TEXT = 0x81;
const LENGTH_16_BIT = 126;
const LENGTH_64_BIT = 127;
const MAX_7_BIT = 125;
const MAX_16_BIT = 0xffff;
const TWO_TO_THE_32 = 2 ** 32;
const CLOSING_BRACKET = 0x5d;

/** Bytes that `frame` takes on the wire. */
export function frameLength(frame: TextFrame): number {
  const payload = payloadLength(frame);
  return headerLength(payload) + payload;
}

/** The frames as one buffer; `totalBytes` is the sum of their {@link frameLength}s. */
export function joinFrames(frames: readonly TextFrame[], totalBytes: number): Buffer {
  const bytes = Buffer.allocUnsafe(totalBytes);
  let at = 0;
  for (const frame of frames) {
    at = writeHeader(bytes, at, payloadLength(frame));
    if (typeof frame === 'string') {
      at += bytes.write(frame, at);
      continue;
    }
    bytes.set(frame.head, at);
    at += frame.head.length;
    bytes.set(frame.event, at);
    at += frame.event.length;
    bytes[at] = CLOSING_BRACKET;
    at += 1;
  }
  return bytes;
}

function payloadLength(frame: TextFrame): number {
  if (typeof frame === 'string') return Buffer.byteLength(frame);
  return frame.head.length + frame.event.length + 1;
}

function headerLength(payload: number): number {
  if (payload <= MAX_7_BIT) return 2;
  return payload <= MAX_16_BIT ? 4 : 10;
}

/** Lengths are big-endian: 7 bits, or 126 and 16 bits, or 127 and 64 bits, the shortest that fits. */
function writeHeader(bytes: Buffer, start: number, payload: number): number {
  bytes[start] = FIN_TEXT;
  if (payload <= MAX_7_BIT) {
    bytes[start + 1] = payload;
    return start + 2;
  }
  if (payload <= MAX_16_BIT) {
    bytes[start + 1] = LENGTH_16_BIT;
    return bytes.writeUInt16BE(payload, start + 2);
  }
  bytes[start + 1] = LENGTH_64_BIT;
  bytes.writeUInt32BE(Math.floor(payload / TWO_TO_THE_32), start + 2);
  return bytes.writeUInt32BE(payload % TWO_TO_THE_32, start + 6);
}
