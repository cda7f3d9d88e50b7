import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer, WebSocket as WsClient } from 'ws';
import { startReferenceRelay, streaming } from '../../relays/index.js';
import type { Relay, RelaySettings } from '../../relays/relay.js';

export type Message = readonly unknown[];

/** What an altered relay does to the messages of one connection: each becomes none, one or several. */
export interface Alteration {
  toRelay?(message: Message): readonly Message[];
  toClient?(message: Message): readonly Message[];
  /** How long what the relay says is held back. */
  readonly delayMs?: number;
  /** The connection ends as soon as it is there. */
  readonly isCut?: boolean;
}

/** The streaming relay behind a proxy that breaks a rule; each connection has an alteration of its own. */
export function alteredRelay(alter: () => Alteration): Relay {
  return {
    name: 'altered',
    kind: 'module',
    writable: true,
    floor: false,
    start: ({ settings }) => start(settings, alter),
  };
}

async function start(settings: RelaySettings, alter: () => Alteration) {
  const relay = await startReferenceRelay({
    name: 'streaming',
    strategy: streaming,
    host: '127.0.0.1',
    port: 0,
    settings,
  });
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  server.on('connection', (client) => connect(client, relay.url, alter()));
  const { port } = server.address() as AddressInfo;
  return {
    target: { kind: 'module' as const, url: `ws://127.0.0.1:${port}`, nip11: { supported_nips: [1] } },
    pid: undefined,
    preloaded: false,
    exited: new Promise<never>(() => {}),
    logTail: () => [],
    onSample: () => {},
    async stop() {
      for (const client of server.clients) client.terminate();
      server.close();
      await relay.close();
    },
  };
}

function connect(
  client: WebSocket,
  url: string,
  { toRelay = pass, toClient = pass, delayMs = 0, isCut = false }: Alteration,
): void {
  if (isCut) {
    client.terminate();
    return;
  }
  const upstream = new WsClient(url, { headers: { host: new URL(url).host } });
  const opened = once(upstream, 'open');
  client.on('message', async (data) => {
    await opened;
    for (const message of altered(String(data), toRelay)) upstream.send(message);
  });
  upstream.on('message', (data) => {
    const say = (): void => {
      for (const message of altered(String(data), toClient)) client.send(message);
    };
    if (delayMs === 0) say();
    else setTimeout(say, delayMs);
  });
  client.on('close', () => upstream.terminate());
  upstream.on('close', () => client.terminate());
  client.on('error', () => upstream.terminate());
  upstream.on('error', () => client.terminate());
}

function pass(message: Message): readonly Message[] {
  return [message];
}

function altered(text: string, alter: (message: Message) => readonly Message[]): readonly string[] {
  try {
    return alter(JSON.parse(text)).map((message) => JSON.stringify(message));
  } catch {
    return [text];
  }
}
