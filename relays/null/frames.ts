/**
 * The WebSocket frames of a server (RFC 6455, section 5.2): unmasked, unfragmented. Whoever builds a larger
 * buffer out of frames asks for a size first and writes each in place.
 */

export const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

const FINAL = 0x80;

/** Bytes of the header before a payload of this length. */
export function headerBytes(payloadBytes: number): number {
  if (payloadBytes < 126) return 2;
  return payloadBytes < 65_536 ? 4 : 10;
}

export function frameBytes(payloadBytes: number): number {
  return headerBytes(payloadBytes) + payloadBytes;
}

/** Writes a header at `at`; returns where the payload begins. */
export function writeHeader(target: Buffer, at: number, opcode: number, payloadBytes: number): number {
  target[at] = FINAL | opcode;
  if (payloadBytes < 126) {
    target[at + 1] = payloadBytes;
    return at + 2;
  }
  if (payloadBytes < 65_536) {
    target[at + 1] = 126;
    return target.writeUInt16BE(payloadBytes, at + 2);
  }
  target[at + 1] = 127;
  target.writeUInt32BE(0, at + 2);
  return target.writeUInt32BE(payloadBytes, at + 6);
}

/** One whole frame. Text is given as latin1: the bytes of its UTF-8, one a character. */
export function frame(opcode: number, payload: Buffer | string): Buffer {
  const bytes = Buffer.allocUnsafe(frameBytes(payload.length));
  const at = writeHeader(bytes, 0, opcode, payload.length);
  if (typeof payload === 'string') bytes.write(payload, at, 'latin1');
  else payload.copy(bytes, at);
  return bytes;
}
