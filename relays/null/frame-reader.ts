import { Opcode } from './frames.js';

/** A message of a client, or a control frame, unmasked. */
export interface IncomingMessage {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** The client broke RFC 6455, or sent more than is read; `status` closes the connection. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  constructor(readonly status: number) {
    super(`WebSocket close ${status}`);
  }
}

const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
const PROTOCOL_ERROR = 1002;
const MESSAGE_TOO_BIG = 1009;
const NOTHING = Buffer.alloc(0);

interface Header {
  readonly final: boolean;
  readonly opcode: number;
  /** Where the masking key begins. */
  readonly maskAt: number;
  readonly payloadBytes: number;
}

/** Takes the masked frames of a client out of the byte stream, messages in several frames put together. */
export class FrameReader {
  #unread: Buffer = NOTHING;
  /** Chunks that came while a frame was incomplete; joined once, when it is complete. */
  #more: Buffer[] = [];
  #moreBytes = 0;
  #missingBytes = 0;
  #fragments: Buffer[] = [];
  #fragmentsOpcode = 0;
  #fragmentsBytes = 0;

  /** The chunk is unmasked in place. */
  push(chunk: Buffer): void {
    if (this.#unread.length === 0) {
      this.#unread = chunk;
      this.#missingBytes = 0;
      return;
    }
    this.#more.push(chunk);
    this.#moreBytes += chunk.length;
  }

  /**
   * The next message, or undefined until more has come. The payload shares memory with the chunk.
   * @throws {FrameError}
   */
  next(): IncomingMessage | undefined {
    for (;;) {
      const frame = this.#nextFrame();
      if (!frame) return undefined;
      const { final, opcode, payload } = frame;
      if (opcode >= Opcode.close) return { opcode, payload };
      if (final && opcode !== Opcode.continuation && this.#fragments.length === 0) return { opcode, payload };
      this.#addFragment(opcode, payload);
      if (final) return this.#joinFragments();
    }
  }

  #nextFrame(): { final: boolean; opcode: number; payload: Buffer } | undefined {
    if (this.#moreBytes < this.#missingBytes) return undefined;
    this.#join();
    const header = readHeader(this.#unread);
    const payloadAt = header ? header.maskAt + 4 : 0;
    const end = header ? payloadAt + header.payloadBytes : 1;
    if (!header || this.#unread.length < end) {
      this.#missingBytes = Math.max(1, end - this.#unread.length);
      return undefined;
    }
    const payload = this.#unread.subarray(payloadAt, end);
    unmask(payload, this.#unread, header.maskAt);
    this.#unread = this.#unread.subarray(end);
    return { final: header.final, opcode: header.opcode, payload };
  }

  #join(): void {
    if (this.#moreBytes > 0) this.#unread = Buffer.concat([this.#unread, ...this.#more]);
    this.#more = [];
    this.#moreBytes = 0;
    this.#missingBytes = 0;
  }

  #addFragment(opcode: number, payload: Buffer): void {
    const isFirst = this.#fragments.length === 0;
    if (isFirst !== (opcode !== Opcode.continuation)) throw new FrameError(PROTOCOL_ERROR);
    if (isFirst) this.#fragmentsOpcode = opcode;
    // An empty fragment takes memory too.
    this.#fragmentsBytes += payload.length + 1;
    if (this.#fragmentsBytes > MAX_MESSAGE_BYTES) throw new FrameError(MESSAGE_TOO_BIG);
    this.#fragments.push(Buffer.from(payload));
  }

  #joinFragments(): IncomingMessage {
    const message = { opcode: this.#fragmentsOpcode, payload: Buffer.concat(this.#fragments) };
    this.#fragments = [];
    this.#fragmentsBytes = 0;
    return message;
  }
}

function readHeader(bytes: Buffer): Header | undefined {
  if (bytes.length < 2) return undefined;
  const first = bytes.readUInt8(0);
  const second = bytes.readUInt8(1);
  const isMasked = (second & 0x80) !== 0;
  if ((first & 0x70) !== 0 || !isMasked) throw new FrameError(PROTOCOL_ERROR);
  const short = second & 0x7f;
  const maskAt = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < maskAt) return undefined;
  const payloadBytes = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : readLength64(bytes);
  if (payloadBytes > MAX_MESSAGE_BYTES) throw new FrameError(MESSAGE_TOO_BIG);
  return { final: (first & 0x80) !== 0, opcode: first & 0x0f, maskAt, payloadBytes };
}

function readLength64(bytes: Buffer): number {
  return bytes.readUInt32BE(2) * 2 ** 32 + bytes.readUInt32BE(6);
}

function unmask(payload: Buffer, key: Buffer, keyAt: number): void {
  const mask = [key[keyAt] ?? 0, key[keyAt + 1] ?? 0, key[keyAt + 2] ?? 0, key[keyAt + 3] ?? 0] as const;
  const [a, b, c, d] = mask;
  const whole = payload.length & ~3;
  let i = 0;
  for (; i < whole; i += 4) {
    payload[i] = (payload[i] ?? 0) ^ a;
    payload[i + 1] = (payload[i + 1] ?? 0) ^ b;
    payload[i + 2] = (payload[i + 2] ?? 0) ^ c;
    payload[i + 3] = (payload[i + 3] ?? 0) ^ d;
  }
  for (; i < payload.length; i++) payload[i] = (payload[i] ?? 0) ^ (mask[i & 3] ?? 0);
}
