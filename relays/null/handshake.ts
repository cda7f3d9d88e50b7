import { createHash } from 'node:crypto';

/** RFC 6455, section 1.3. */
const ACCEPT_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Answer to the head of an HTTP request: the upgrade, or a refusal after which the connection ends. */
export interface HandshakeAnswer {
  readonly upgraded: boolean;
  readonly head: string;
}

const REFUSAL: HandshakeAnswer = {
  upgraded: false,
  head: 'HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
};

/** No extension is ever accepted, so permessage-deflate is off. */
export function answerHandshake(requestHead: string): HandshakeAnswer {
  const key = /^sec-websocket-key:[ \t]*(\S+)/im.exec(requestHead)?.[1];
  const isUpgrade = /^GET /.test(requestHead) && /^upgrade:[ \t]*websocket/im.test(requestHead);
  if (!isUpgrade || key === undefined) return REFUSAL;
  const accept = createHash('sha1')
    .update(key + ACCEPT_GUID)
    .digest('base64');
  return {
    upgraded: true,
    head: `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  };
}
