import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What a message is, told by its label alone. */
export type FrameLabel = 'EVENT' | 'EOSE' | 'OK' | 'CLOSED' | 'other';

const OPCODE_TEXT = 0x1;
/** `["E` and one more byte: enough to tell EVENT from EOSE, OK from CLOSED. */
const LABEL_BYTES = 4;
const MAX_HEADER_BYTES = 10;
const MASK_BIT = 0x80;

/**
 * A WebSocket client that counts frames and looks at no more than their labels, so that what is measured is the server: it
 * takes in several times what a client that parses does. It trusts the server to send whole, unmasked, valid frames.
 */
export class WireClient {
  /** Called for each text frame. */
  onFrame: (label: FrameLabel) => void = () => undefined;
  readonly #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);
  #skip = 0;

  private constructor(socket: Socket, first: Buffer) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    if (first.length > 0) this.#read(first);
  }

  static async connect(url: string): Promise<WireClient> {
    const { hostname, port, host } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, 'connect');
    const key = randomBytes(16).toString('base64');
    socket.write(
      `GET / HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    let head = Buffer.alloc(0);
    let end = -1;
    while (end < 0) {
      const [chunk]: Buffer[] = await once(socket, 'data');
      head = Buffer.concat([head, chunk ?? Buffer.alloc(0)]);
      end = head.indexOf('\r\n\r\n');
    }
    if (!head.toString('latin1', 0, end).startsWith('HTTP/1.1 101')) throw new Error('no WebSocket here');
    socket.on('error', () => undefined);
    return new WireClient(socket, head.subarray(end + 4));
  }

  send(text: string): void {
    this.#socket.write(maskedFrame(text));
  }

  /** Resolves with the number of EVENTs when `stop` has come. */
  until(stop: FrameLabel): Promise<number> {
    let events = 0;
    return new Promise((resolve) => {
      this.onFrame = (label) => {
        if (label === 'EVENT') events += 1;
        if (label === stop) resolve(events);
      };
    });
  }

  /** A REQ up to its EOSE; the subscription is closed. @returns how many events came, and in how many ms. */
  async request(...filters: readonly unknown[]): Promise<{ readonly events: number; readonly ms: number }> {
    const startedMs = performance.now();
    const eose = this.until('EOSE');
    this.send(JSON.stringify(['REQ', 'bench', ...filters]));
    const events = await eose;
    const ms = performance.now() - startedMs;
    this.send('["CLOSE","bench"]');
    return { events, ms };
  }

  end(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = Math.min(this.#skip, bytes.length);
    this.#skip -= at;
    while (bytes.length - at >= 2) {
      const frame = frameAt(bytes, at);
      if (frame === undefined) break;
      if (frame.opcode === OPCODE_TEXT) this.onFrame(labelAt(bytes, frame.start));
      const end = frame.start + frame.length;
      this.#skip = Math.max(0, end - bytes.length);
      at = Math.min(end, bytes.length);
    }
    this.#rest = at < bytes.length ? bytes.subarray(at) : Buffer.alloc(0);
  }
}

/** The frame that begins at `at`; undefined while its header and label aren't all there. */
function frameAt(
  bytes: Buffer,
  at: number,
): { readonly opcode: number; readonly start: number; readonly length: number } | undefined {
  const short = (bytes[at + 1] ?? 0) & ~MASK_BIT;
  const header = short === 127 ? 10 : short === 126 ? 4 : 2;
  const known = bytes.length - at;
  if (known < header) return undefined;
  const length =
    short === 127
      ? Number(bytes.readBigUInt64BE(at + 2))
      : short === 126
        ? bytes.readUInt16BE(at + 2)
        : short;
  if (known < header + Math.min(length, LABEL_BYTES)) return undefined;
  return { opcode: (bytes[at] ?? 0) & 0x0f, start: at + header, length };
}

function labelAt(bytes: Buffer, start: number): FrameLabel {
  switch (String.fromCharCode(bytes[start + 2] ?? 0, bytes[start + 3] ?? 0)) {
    case 'EV':
      return 'EVENT';
    case 'EO':
      return 'EOSE';
    case 'OK':
      return 'OK';
    case 'CL':
      return 'CLOSED';
    default:
      return 'other';
  }
}

/** A text frame with a mask of zeros, which leaves the payload as it is. */
function maskedFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(MAX_HEADER_BYTES + 4);
  header[0] = 0x81;
  let length = 2;
  if (payload.length < 126) header[1] = MASK_BIT | payload.length;
  else if (payload.length < 65_536) {
    header[1] = MASK_BIT | 126;
    length = header.writeUInt16BE(payload.length, 2);
  } else {
    header[1] = MASK_BIT | 127;
    length = header.writeBigUInt64BE(BigInt(payload.length), 2);
  }
  return Buffer.concat([header.subarray(0, length + 4), payload]);
}
