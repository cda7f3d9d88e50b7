import { statSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { closest, distance } from 'fastest-levenshtein';
import { attachedRelay, isLoopback } from './external/attached-relay.js';
import { namesItsPort } from './external/command-line.js';
import { commandRelay } from './external/command-relay.js';
import { configuredRelay } from './external/configured-relay.js';
import type { RelayEntry } from './external/relay-entry.js';
import { nullRelay } from './null/index.js';
import { referenceRelay } from './process/reference.js';
import { type Relay, UnknownRelayError } from './relay.js';

export { diskProblem } from './disk-space.js';
export { findProgram } from './external/find-program.js';
export type { CommandTarget, RelayDeclarations, RelayEntry } from './external/relay-entry.js';
export { RELAY_NODE_FLAGS } from './process/node-relay.js';

/** The relays that come with reqbench. */
export const BUILTIN_RELAYS: readonly { readonly name: string; readonly description: string }[] = [
  {
    name: 'streaming',
    description: 'reference relay: all filters at once, each event sent as it is found (after Khatru)',
  },
  {
    name: 'batched',
    description: 'reference relay: filters in turn, answers sent when complete (after next.orly.dev)',
  },
  { name: 'null', description: 'the floor: canned answers, no work; measured beside the others, not judged' },
];

const FORMS = [
  '  streaming, batched, null      built in',
  '  NAME                          an entry of reqbench.config.yaml (docs/relays.md)',
  '  ./relay.js                    a module whose default export is a strategy',
  '  ws://127.0.0.1:7777           a relay that is running (read only, unless run has --load)',
  '  mine=./relay --port {port}    a command; {port} and {dir} are filled in',
  '  base=streaming                one of the above under another name',
].join('\n');

/** More letters than this apart, a name is no slip of the pen. */
const MAX_SLIP = 3;

const COMMAND = /^([a-z][a-z0-9-]*)=(.*)$/s;
const ADDRESS = /^wss?:\/\//i;
const WEB_ADDRESS = /^http(s?):\/\/(.*)$/is;
const BARE_ADDRESS = /^(localhost|\[[0-9a-f:]+\]|[\w-]+(\.[\w-]+)+):\d+(\/|$)/i;
const MODULE_PATH = /^(\.{1,2}\/|\/)/;
const MODULE_NAME = /\.[cm]?js$/;

export interface ResolveOptions {
  /** Admit addresses that aren't this machine's loopback. */
  readonly allowRemote: boolean;
  /** The run may write to relays that it is given by address. */
  readonly writeToAttached?: boolean | undefined;
  /** Folder that module paths are relative to. */
  readonly cwd: string;
  /** Relays that a configuration file names. */
  readonly entries?: readonly RelayEntry[] | undefined;
}

/**
 * The relay that a specification names (contracts.md, "Naming relays"). Two specifications may give the same name;
 * that is for the caller to find.
 * @throws {UnknownRelayError} with what to write instead.
 */
export function resolveRelay(spec: string, options: ResolveOptions): Relay {
  return { ...relayOf(spec, options), spec };
}

function relayOf(spec: string, options: ResolveOptions): Relay {
  if (spec === 'null') return nullRelay;
  if (spec === 'streaming' || spec === 'batched') return referenceRelay(spec, 'builtin', spec);
  const entry = options.entries?.find(({ name }) => name === spec);
  if (entry) return resolveEntry(entry, options);
  if (ADDRESS.test(spec)) return resolveAddress(spec, options);
  const [, secure, rest] = WEB_ADDRESS.exec(spec) ?? [];
  if (rest !== undefined) {
    throw new UnknownRelayError(
      `"${spec}" is a web address; that of a relay begins with ws:// or wss://, so write ${secure ? 'wss' : 'ws'}://${rest}`,
    );
  }
  const [, name, command] = COMMAND.exec(spec) ?? [];
  if (name !== undefined && command !== undefined) return resolveNamed(name, command, options);
  if (MODULE_PATH.test(spec)) return resolveModule(spec, options.cwd);
  throw new UnknownRelayError(
    `there is no relay "${spec}"${suggestion(spec, options.entries)}; a relay is one of\n${FORMS}`,
  );
}

function resolveEntry(entry: RelayEntry, { allowRemote, writeToAttached }: ResolveOptions): Relay {
  if ('url' in entry.target) requireLoopback(new URL(entry.target.url), entry.target.url, allowRemote);
  return configuredRelay(entry, writeToAttached);
}

function resolveAddress(spec: string, { allowRemote, writeToAttached }: ResolveOptions): Relay {
  if (!URL.canParse(spec)) {
    throw new UnknownRelayError(`"${spec}" is not an address; write it as ws://127.0.0.1:7777`);
  }
  const address = new URL(spec);
  address.hash = '';
  requireLoopback(address, spec, allowRemote);
  return attachedRelay(address, writeToAttached);
}

function requireLoopback(address: URL, text: string, allowRemote: boolean): void {
  if (allowRemote || isLoopback(address)) return;
  throw new UnknownRelayError(
    `${text} is not on this machine; add --allow-remote if you may put load on the relay there`,
  );
}

/** `name=` before a reference relay, an entry, a module or a command: so two of one relay can be in a run. */
function resolveNamed(name: string, what: string, options: ResolveOptions): Relay {
  const { entries, cwd } = options;
  if (BUILTIN_RELAYS.some((builtin) => builtin.name === name)) {
    throw new UnknownRelayError(
      `${name} is built in, so nothing else can have that name; write my-${name}=${what}`,
    );
  }
  if (what === 'streaming' || what === 'batched') return referenceRelay(name, 'builtin', what);
  const entry = entries?.find((one) => one.name === what);
  if (entry) return resolveEntry({ ...entry, name }, options);
  if (MODULE_PATH.test(what) && MODULE_NAME.test(what)) return resolveModule(what, cwd, name);
  return resolveCommand(name, what);
}

function resolveCommand(name: string, command: string): Relay {
  if (ADDRESS.test(command)) {
    throw new UnknownRelayError(
      `an address is called by its host and port; write --relay ${command}, or name it in reqbench.config.yaml: relays: { ${name}: { url: '${command}' } }`,
    );
  }
  if (!namesItsPort(command)) {
    throw new UnknownRelayError(
      `the command of ${name} doesn't say {port}, the port that it must listen on; ` +
        `write ${name}=${command.trim() || './relay'} --port {port}, or PORT={port} before the command`,
    );
  }
  return commandRelay(name, command);
}

function resolveModule(spec: string, cwd: string, name = basename(spec, extname(spec))): Relay {
  const file = resolve(cwd, spec);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new UnknownRelayError(`there is no module ${file}; a strategy's path is relative to ${cwd}`);
  }
  return referenceRelay(name, 'module', file);
}

function suggestion(spec: string, entries: readonly RelayEntry[] = []): string {
  if (MODULE_NAME.test(spec)) return `, did you mean "./${spec}"?`;
  if (BARE_ADDRESS.test(spec)) return `, did you mean "ws://${spec}"?`;
  const nearest = closest(
    spec,
    [...BUILTIN_RELAYS, ...entries].map(({ name }) => name),
  );
  return distance(spec, nearest) <= MAX_SLIP ? `, did you mean "${nearest}"?` : '';
}
