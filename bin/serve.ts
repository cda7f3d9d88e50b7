import { existsSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { InputError } from '../harness/errors.js';
import { loadStrategy, StrategyModuleError } from '../relays/process/load-strategy.js';
import {
  type AccessMode,
  DEFAULT_LIMITS,
  MAX_VERIFY_THREADS,
  MOST_SPIN_US,
  type RelaySettings,
  relaySettings,
  type SourceDelivery,
  STORE_ENGINES,
  type StoreSettings,
  SYNC_MODES,
  type SyncMode,
  type VerifyThreads,
} from '../relays/relay.js';
import { LOG_LEVELS, type LogLevel, type OpenLog, openLog, printable } from '../relays/server/log.js';
import { type ReferenceRelay, startReferenceRelay } from '../relays/server/reference-relay.js';
import { StoreError } from '../relays/store/event-store.js';
import { PreloadError } from '../relays/store/preload.js';
import { atLeastOne, integer, problem } from './option-values.js';
import { addStrategyOptions, batchedOf, membersOf, type StrategyOptions } from './strategy-options.js';

const DEFAULT_PORT = 7447;
/** Some 100 MB of idle clients, and within the file descriptors that a service usually gets. */
const DEFAULT_MAX_CONNECTIONS = 10_000;
const DEFAULT_MAX_WAITING = 1_000;
/** A household or an office behind one address. */
const DEFAULT_MAX_PER_ADDRESS = 100;
const MAX_PORT = 65_535;
const DEFAULT_SHUTDOWN_TIMEOUT_MS = 5_000;
const MAX_TIMEOUT_MS = 600_000;

interface ServeOptions extends StrategyOptions {
  readonly port: number;
  readonly host: string;
  readonly access: AccessMode;
  readonly preload?: string;
  readonly maxLimit: number;
  readonly maxMessageBytes: number;
  readonly maxSubscriptions: number;
  readonly maxFilters: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly maxWaiting: number;
  readonly verifyThreads: VerifyThreads;
  readonly source: SourceDelivery;
  readonly serviceTime: number;
  readonly spin: number;
  readonly store?: StoreSettings['engine'];
  readonly data?: string;
  readonly sync: SyncMode;
  readonly log: LogLevel;
  readonly metrics: boolean;
  readonly shutdownTimeout: number;
}

/**
 * `reqbench serve <relay>`: a reference relay in the foreground, for real clients. Ends well on Ctrl-C or SIGTERM.
 * Its action throws {@link InputError} for what the user can put right.
 */
export function serveCommand(): Command {
  const command = new Command('serve')
    .summary('run a reference relay on its own, for use with real clients')
    .description(
      'Runs a reference relay in the foreground, for use with real clients. Unless it is given a data folder, it ' +
        'keeps events in memory: what was published is gone when it ends.',
    )
    .argument('<relay>', 'streaming, batched, or ./module.js with a strategy as its default export')
    .option('--port <port>', 'TCP port; 0: any free one', integer('--port', 0, MAX_PORT), DEFAULT_PORT)
    .option(
      '--host <address>',
      'address to listen on. Any but a loopback address lets everybody who can reach this machine read and write',
      '127.0.0.1',
    )
    .addOption(
      new Option(
        '--access <mode>',
        'who may read and write: open: everybody; auth-required: everybody after NIP-42 AUTH; follows: everybody reads, ' +
          'and whom the admins follow (kind 3) may write; managed: those who are named here only',
      )
        .choices(['open', 'auth-required', 'follows', 'managed'])
        .default('open'),
    )
    .option(
      '--preload <file>',
      'JSONL of events, one a line, stored before the relay listens; signatures are taken as verified',
    )
    .addOption(
      new Option(
        '--store <engine>',
        'where events are kept (default: lmdb with --data, else memory)',
      ).choices(STORE_ENGINES),
    )
    .option('--data <dir>', 'data folder of the LMDB store; made if it is not there')
    .addOption(
      new Option('--sync <mode>', 'what a commit of the LMDB store waits for: what a power cut can take')
        .choices(SYNC_MODES)
        .default('full'),
    )
    .option(
      '--max-limit <n>',
      'events that one filter can return',
      atLeastOne('--max-limit'),
      DEFAULT_LIMITS.maxLimit,
    )
    .option(
      '--max-message-bytes <n>',
      'largest message that is read',
      atLeastOne('--max-message-bytes'),
      DEFAULT_LIMITS.maxMessageBytes,
    )
    .option(
      '--max-subscriptions <n>',
      'open subscriptions of a connection',
      atLeastOne('--max-subscriptions'),
      DEFAULT_LIMITS.maxSubscriptions,
    )
    .option('--max-filters <n>', 'filters in a REQ', atLeastOne('--max-filters'), DEFAULT_LIMITS.maxFilters)
    .option(
      '--max-connections <n>',
      'WebSocket connections at a time; 0: no bound. One more gets HTTP 503',
      integer('--max-connections', 0, Number.MAX_SAFE_INTEGER),
      DEFAULT_MAX_CONNECTIONS,
    )
    .option(
      '--max-connections-per-address <n>',
      'those from one IPv4 address or IPv6 /64; 0: no bound. One more gets HTTP 429. Loopback has none: a proxy here ' +
        'brings everybody by it, and has to bound them itself',
      integer('--max-connections-per-address', 0, Number.MAX_SAFE_INTEGER),
      DEFAULT_MAX_PER_ADDRESS,
    )
    .option(
      '--max-waiting <n>',
      'sockets that are open and no WebSocket connections, not yet or never; 0: no bound. Past it, and past as many from one ' +
        'address as --max-connections-per-address says, the one that has waited longest is closed',
      integer('--max-waiting', 0, Number.MAX_SAFE_INTEGER),
      DEFAULT_MAX_WAITING,
    )
    .option(
      '--verify-threads <n|auto>',
      "threads that verify signatures beside the relay's own; 0: none. auto: one less than there are cores, at most four",
      verifyThreads,
      'auto',
    )
    .addOption(
      new Option('--source <delivery>', 'how the event source hands over: event by event, or all at once')
        .choices(['streaming', 'collecting'])
        .default('streaming'),
    )
    .option(
      '--service-time <ms>',
      'time that a query takes before its first event, as of a remote database',
      integer('--service-time', 0, Number.MAX_SAFE_INTEGER),
      0,
    )
    .option(
      '--spin <us>',
      'microseconds of processor time that each query burns before it begins: a slowdown of known size',
      integer('--spin', 0, MOST_SPIN_US),
      0,
    )
    .addOption(
      new Option('--log <level>', 'what is logged to stderr, as lines of JSON')
        .choices(LOG_LEVELS)
        .default('info'),
    )
    .option('--no-metrics', 'serve no Prometheus metrics on /metrics')
    .option(
      '--shutdown-timeout <ms>',
      'how long clients may take to read the goodbye when the relay stops',
      integer('--shutdown-timeout', 0, MAX_TIMEOUT_MS),
      DEFAULT_SHUTDOWN_TIMEOUT_MS,
    );
  return addStrategyOptions(command)
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ reqbench serve streaming\n' +
        '  $ reqbench serve batched --port 7000 --preload events.jsonl\n' +
        '  $ reqbench serve streaming --data ./relay-data --port 7447\n' +
        '  $ reqbench serve ./my-strategy.js --access auth-required\n' +
        '\nExit codes: 0 ended by Ctrl-C or SIGTERM · 2 bad usage or file, or a port that is in use',
    )
    .action(serve);
}

async function serve(relay: string, options: ServeOptions): Promise<void> {
  const stopped = stopSignal();
  const log = await openLog(options.log);
  const running = await start(relay, options, log);
  process.stdout.write(`${relay} listens on ${running.url}\nCtrl-C stops it.\n`);
  await stopped;
  await running.close(options.shutdownTimeout);
  await log.close();
}

async function start(relay: string, options: ServeOptions, log: OpenLog): Promise<ReferenceRelay> {
  const preloadFile = options.preload === undefined ? undefined : resolve(options.preload);
  try {
    return await startReferenceRelay({
      name: basename(relay, extname(relay)),
      strategy: await loadStrategy(strategyOf(relay)),
      host: options.host,
      port: options.port,
      settings: settingsOf(options),
      preloadFile,
      dataDir: options.data === undefined ? undefined : resolve(options.data),
      log,
      metrics: options.metrics,
    });
  } catch (error) {
    // What is wrong with the arguments is the caller's to know, and not the operator's.
    if (!(error instanceof InputError)) {
      log.error('not started', { reason: printable(error instanceof Error ? error.message : String(error)) });
    }
    await log.close();
    throw asInputError(error, options);
  }
}

function strategyOf(relay: string): string {
  if (relay === 'streaming' || relay === 'batched') return relay;
  const path = resolve(relay);
  if (/^\.{0,2}\//.test(relay) && existsSync(path)) return path;
  throw new InputError([
    {
      message: `there is no reference relay "${relay}"`,
      hint: 'write streaming, batched, or the path of a module that exists, as ./my-strategy.js',
    },
  ]);
}

function settingsOf(options: ServeOptions): RelaySettings {
  const { maxLimit, maxMessageBytes, maxSubscriptions, maxFilters } = options;
  const { maxConnections, maxConnectionsPerAddress, maxWaiting } = options;
  return relaySettings({
    access: options.access,
    members: membersOf(options),
    limits: {
      maxLimit,
      maxMessageBytes,
      maxSubscriptions,
      maxFilters,
      maxConnections,
      maxConnectionsPerAddress,
      maxWaiting,
    },
    verifyThreads: options.verifyThreads,
    source: { delivery: options.source, serviceTimeMs: options.serviceTime, spinUs: options.spin },
    deviations: options.deviation,
    batched: batchedOf(options),
    store: { engine: engineOf(options), sync: options.sync },
  });
}

function verifyThreads(text: string): VerifyThreads {
  return text === 'auto' ? 'auto' : integer('--verify-threads', 0, MAX_VERIFY_THREADS)(text);
}

function engineOf({ store, data }: ServeOptions): StoreSettings['engine'] {
  if (store === 'lmdb' && data === undefined) {
    throw problem('the LMDB store needs a data folder', 'name one with --data DIR');
  }
  if (store === 'memory' && data !== undefined) {
    throw problem('--data names a folder, and --store memory uses none', 'leave one of them out');
  }
  return store ?? (data === undefined ? 'memory' : 'lmdb');
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process the hard way. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}

function asInputError(error: unknown, { host, port }: ServeOptions): unknown {
  if (error instanceof PreloadError) {
    return new InputError([{ message: error.reason, at: { file: error.file, line: error.line } }]);
  }
  if (error instanceof StrategyModuleError || error instanceof StoreError)
    return new InputError([{ message: error.message }]);
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return problem(
        `port ${port} of ${host} is in use`,
        'choose another with --port, or 0 for any free one',
      );
    case 'EACCES':
      return problem(
        `port ${port} of ${host} is not open to this user`,
        'choose one from 1024 up with --port',
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return problem(`${host} is no address of this machine`, 'choose another with --host');
    default:
      return error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
