import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { accessPolicy } from '../access/policy.js';
import type { RelaySettings } from '../relay.js';
import { eventSource } from '../store/event-source.js';
import { MemoryEventStore } from '../store/memory-store.js';
import { preload } from '../store/preload.js';
import type { Strategy, Substrate } from '../strategy.js';
import { LiveIndex } from '../subscriptions/live-index.js';
import { SocketConnection } from './connection.js';
import { openFront } from './front.js';
import { relayInformation } from './information.js';
import { LoopTurns } from './turns.js';

const PING_EVERY_MS = 30_000;

/** How a reference relay is started. */
export interface ReferenceRelayConfig {
  /** As its NIP-11 document names it. */
  readonly name: string;
  readonly strategy: Strategy;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly settings: RelaySettings;
  /** JSONL of verified events that are in the store before the relay listens. */
  readonly preloadFile?: string | undefined;
}

/** A reference relay that listens. */
export interface ReferenceRelay {
  readonly port: number;
  /** `ws://host:port`, as a client connects to it. */
  readonly url: string;
  /** Clients that are connected. */
  connections(): number;
  /** Subscriptions that are open, of all clients. */
  subscriptions(): number;
  /** Cuts every connection and stops listening. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Starts a relay: the shared substrate around `config.strategy`.
 * @throws {PreloadError} when the preload file is bad; the socket's error when it can't listen.
 */
export async function startReferenceRelay(config: ReferenceRelayConfig): Promise<ReferenceRelay> {
  const substrate = buildSubstrate(config.settings);
  if (config.preloadFile !== undefined) preload(substrate.store, config.preloadFile);
  const connections = new Set<SocketConnection>();
  const ownHosts: string[] = [];
  const connected = (webSocket: WebSocket, socket: Socket, request: IncomingMessage): void => {
    const hosts = [...ownHosts, ...knownHosts(request.headers.host)];
    const connection = new SocketConnection(webSocket, socket, hosts, config.strategy, substrate);
    connections.add(connection);
    webSocket.on('close', () => {
      connections.delete(connection);
      connection.end();
    });
  };
  const information = relayInformation(config.name, config.settings, substrate.access);
  const front = await openFront({
    host: config.host,
    port: config.port,
    maxMessageBytes: config.settings.limits.maxMessageBytes,
    information: (request) => config.strategy.information?.(information, request) ?? information,
    refusalToConnect: (request) => config.strategy.refusalToConnect?.(request),
    connected,
  });
  const url = `ws://${config.host.includes(':') ? `[${config.host}]` : config.host}:${front.port}`;
  ownHosts.push(new URL(url).host);
  const pings = setInterval(() => {
    for (const connection of connections) connection.checkAlive();
  }, PING_EVERY_MS).unref();
  let closing: Promise<void> | undefined;
  return {
    port: front.port,
    url,
    connections: () => connections.size,
    subscriptions: () => [...connections].reduce((sum, connection) => sum + connection.subscriptions, 0),
    close: () => {
      clearInterval(pings);
      for (const connection of connections) connection.terminate();
      closing ??= front.close();
      return closing;
    },
  };
}

function buildSubstrate(settings: RelaySettings): Substrate {
  const store = new MemoryEventStore();
  return {
    settings,
    store,
    source: eventSource(store, settings.source),
    live: new LiveIndex(),
    access: accessPolicy(settings.access),
    turns: new LoopTurns(),
    clock: { unixS: () => Math.floor(Date.now() / 1000), monotonicMs: () => performance.now() },
    warn: (message) => process.emitWarning(message),
  };
}

/** The Host header as `URL.host` would write it, with and without TLS in front: the scheme's own port left out. */
function knownHosts(header: string | undefined): readonly string[] {
  const urls = [`ws://${header}`, `wss://${header}`];
  return header === undefined ? [] : urls.filter((url) => URL.canParse(url)).map((url) => new URL(url).host);
}
