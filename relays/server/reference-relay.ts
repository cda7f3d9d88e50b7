import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { accessPolicy } from '../access/policy.js';
import { andThen } from '../hooks/maybe-promise.js';
import type { RelaySettings } from '../relay.js';
import { eventSource } from '../store/event-source.js';
import type { EventStore } from '../store/event-store.js';
import { openStore, sweepExpired } from '../store/open-store.js';
import { preload } from '../store/preload.js';
import type { Strategy, Substrate } from '../strategy.js';
import { LiveIndex } from '../subscriptions/live-index.js';
import { openVerifier } from '../verification/verifier.js';
import type { ClientSocket } from './client-socket.js';
import { type Hall, SocketConnection } from './connection.js';
import { Connections } from './connections.js';
import { Departures } from './departures.js';
import { Door, type Refusal } from './door.js';
import { openFront } from './front.js';
import { HeldBytes } from './held-bytes.js';
import { relayInformation } from './information.js';
import { faultsOnly, type Log, printable, stagesOf } from './log.js';
import type { Metrics } from './metrics.js';
import { LoopTurns } from './turns.js';
import { WaitingSockets } from './waiting-sockets.js';

const PING_EVERY_MS = 30_000;

/** How long clients may take to read what is left for them and the goodbye. */
const SHUT_DOWN_WITHIN_MS = 800;

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
  /** The data folder of a store on disk. */
  readonly dataDir?: string | undefined;
  /** Faults only, unless given. */
  readonly log?: Log | undefined;
  /** A client that hasn't answered a ping by the next one is cut off. 30 s unless given. */
  readonly pingEveryMs?: number | undefined;
  /** Serve Prometheus metrics on `/metrics`. Off unless asked for: reading the process all the time costs a little. */
  readonly metrics?: boolean | undefined;
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
  /** The most bytes held for clients at one moment since the last call. */
  heldBytes(): number;
  /**
   * Stops listening, ends every subscription with CLOSED and every connection with 1001, and cuts the clients that
   * haven't read that within `withinMs`. Safe to call twice.
   */
  close(withinMs?: number): Promise<void>;
}

/**
 * Starts a relay: the shared substrate around `config.strategy`.
 * @throws {PreloadError} when the preload file is bad; {StoreError} when the store can't be opened or loaded; the
 * socket's error when it can't listen.
 */
export async function startReferenceRelay(config: ReferenceRelayConfig): Promise<ReferenceRelay> {
  const log = config.log ?? faultsOnly;
  const store = await openStore(config.settings.store, config.dataDir);
  try {
    if (config.preloadFile !== undefined) {
      log.info('preloaded', { events: preload(store, config.preloadFile) });
    }
    return await listen(config, buildSubstrate(config.settings, store, log), log);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function listen(config: ReferenceRelayConfig, substrate: Substrate, log: Log): Promise<ReferenceRelay> {
  const connections = new Connections(substrate.held);
  const door = new Door(config.strategy, config.settings);
  const metrics = config.metrics ? await metricsOf(connections, door, substrate) : undefined;
  const waiting = new WaitingSockets(config.settings.limits, (address) => {
    door.gaveWay();
    log.info('gave way', { address });
  });
  const hosts: string[] = [];
  const hall: Hall = {
    strategy: config.strategy,
    substrate,
    log,
    departures: new Departures(substrate.turns, substrate.clock.monotonicMs),
    hosts,
    answered: (durationMs) => metrics?.answered(durationMs),
    left: (connection) => {
      door.leave(connection.remoteAddress);
      connections.remove(connection);
    },
  };
  const connected = (webSocket: ClientSocket, socket: Socket, request: IncomingMessage): void => {
    waiting.leave(socket);
    const arrival = { number: connections.opened + 1, host: request.headers.host };
    log.info('connected', {
      connection: arrival.number,
      address: socket.remoteAddress,
      agent: printable(request.headers['user-agent'] ?? ''),
    });
    const connection = new SocketConnection(webSocket, socket, arrival, hall);
    connections.add(connection);
    door.enter(connection.remoteAddress);
  };
  const turnedAway = (address: string, refusal: Refusal | undefined): Refusal | undefined => {
    if (refusal !== undefined)
      log.info('turned away', { address, ...refusal, reason: printable(refusal.reason) });
    return refusal;
  };
  const information = relayInformation(config.name, config.settings, substrate);
  const front = await openFront({
    host: config.host,
    port: config.port,
    maxMessageBytes: config.settings.limits.maxMessageBytes,
    metrics,
    information: (request) => config.strategy.information?.(information, request) ?? information,
    refusalToConnect: (request, address) =>
      andThen(door.refusal(request, address), (refusal) => turnedAway(address, refusal)),
    refusalForWantOfRoom: (address) => turnedAway(address, door.refusalForWantOfRoom(address)),
    opened: (socket) => waiting.enter(socket),
    connected,
    brokenRequest: (error, address) =>
      log.info('broken request', { address, reason: printable(error.message) }),
    failed: (error) => log.error('the listening socket failed', { reason: error.message }),
  });
  const url = `ws://${config.host.includes(':') ? `[${config.host}]` : config.host}:${front.port}`;
  hosts.push(new URL(url).host);
  log.info('listening', { relay: config.name, url, verifyThreads: substrate.verifier.threads });
  const pings = setInterval(() => connections.checkAlive(), config.pingEveryMs ?? PING_EVERY_MS).unref();
  const endSweeping = sweepExpired(substrate.store, (error) =>
    substrate.warn(`expired events were not removed: ${error instanceof Error ? error.message : error}`),
  );
  const shutDown = async (withinMs: number): Promise<void> => {
    clearInterval(pings);
    log.info('shutting down', { connections: connections.size, subscriptions: connections.subscriptions });
    front.stopListening();
    await connections.shutDown(withinMs);
    await front.close();
    endSweeping();
    // Before the store: what still waits for its verdict is not saved.
    await substrate.verifier.close();
    await substrate.store.close();
    log.info('stopped');
  };
  let closing: Promise<void> | undefined;
  return {
    port: front.port,
    url,
    connections: () => connections.size,
    subscriptions: () => connections.subscriptions,
    heldBytes: () => connections.held().takePeak(),
    close: (withinMs = SHUT_DOWN_WITHIN_MS) => {
      closing ??= shutDown(withinMs);
      return closing;
    },
  };
}

async function metricsOf(connections: Connections, door: Door, { store }: Substrate): Promise<Metrics> {
  const { openMetrics } = await import('./metrics.js');
  return openMetrics({
    connections: () => connections.size,
    connectionsOpened: () => connections.opened,
    turnedAway: (why) => door.turnedAway(why),
    subscriptions: () => connections.subscriptions,
    storedEvents: () => store.size,
    traffic: () => connections.traffic(),
    held: () => connections.held(),
  });
}

function buildSubstrate(settings: RelaySettings, store: EventStore, log: Log): Substrate {
  const held = new HeldBytes();
  const live = new LiveIndex(held);
  return {
    settings,
    store,
    source: eventSource(store, settings.source),
    live,
    access: accessPolicy(settings, { store, live }),
    verifier: openVerifier(settings, (reason) =>
      log.error('a verification thread ended; another takes its place', { reason: printable(reason) }),
    ),
    turns: new LoopTurns(),
    clock: { unixS: () => Math.floor(Date.now() / 1000), monotonicMs: () => performance.now() },
    held,
    warn: (message) => log.warn(message),
    log: stagesOf(log),
  };
}
