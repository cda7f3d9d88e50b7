import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { nip19 } from 'nostr-tools';
import { conform } from '../harness/conformance/conform.js';
import type { KnownFailures } from '../harness/conformance/conform-known-failures.js';
import { select } from '../harness/conformance/conform-selection.js';
import { conformSettings, withWriters } from '../harness/conformance/conform-settings.js';
import { publicKeyOf } from '../harness/corpus/keys.js';
import type { SigningKey } from '../harness/corpus/signature.js';
import { InputError } from '../harness/errors.js';
import { EXIT, exitCode } from '../harness/exit-codes.js';
import { findRelaysFile } from '../harness/relays-file/read.js';
import { NULL_RELAY, type Results } from '../harness/results.js';
import { resolveRelay } from '../relays/catalog.js';
import type { Relay } from '../relays/relay.js';
import { renderTap, uncountedFailures, type WrittenReports, writeReports } from '../reports/index.js';
import { tellAbsent } from './absent-relays.js';
import { ConformView } from './conform-view.js';
import { onInterrupt } from './interrupt.js';
import { failing, knownBefore, tellKnownFailures } from './known-failures.js';
import { integer, repeatable } from './option-values.js';
import { refuseMutants, type SelfTestFlags, selfTestOf, withSelfTest } from './self-test.js';
import { stdoutPage } from './terminal.js';
import { requireWritableFolder } from './writable.js';

interface ConformFlags extends SelfTestFlags {
  readonly relay: readonly string[];
  readonly config?: string;
  readonly set: readonly string[];
  readonly authUrl?: string;
  readonly allowedKey: readonly string[];
  readonly knownFailures?: string;
  readonly updateKnownFailures: boolean;
  readonly strict: boolean;
  readonly allowRemote: boolean;
  readonly format: 'tree' | 'tap';
  readonly servedKind: readonly string[];
  readonly out?: string;
}

const LAST_KIND = 65_535;
/** Columns of what is no terminal: a log keeps as much of the evidence as there is room for. */
const WIDE = 180;
const DEFAULT_RELAYS = ['streaming', 'batched'];

/** `reqbench conform`: the conformance suite alone. */
export function conformCommand(): Command {
  const command = new Command('conform')
    .summary('ask relays one question at a time: conformance, NIP by NIP')
    .description(
      'Hold relays against the protocol: scripted conversations, and rules on every message of them.',
    )
    .argument(
      '[clause...]',
      'only these checks: a path or the beginning of one, as nip01/req (see: list checks)',
    )
    .addOption(
      repeatable(
        '--relay <spec>',
        'a relay to test, repeatable; streaming and batched unless given. An address is read only',
      ),
    )
    .addOption(
      repeatable(
        '--set <key=value>',
        'a setting of the reference relays, e.g. access=auth-required, limits.maxLimit=100, source.delivery=collecting;\n' +
          'access also says of other relays how they are to be used',
      ),
    )
    .option('--config <file>', 'relays by name (default: reqbench.config.yaml here or above)')
    .option('--auth-url <url>', 'the address that AUTH events name, where it is not the one connected to')
    .addOption(
      repeatable(
        '--allowed-key <key>',
        'secret key (nsec or hex) that the relay admits, repeatable: AUTH and events are by it. Use throw-away keys',
      ),
    )
    .addOption(
      repeatable(
        '--served-kind <kind>',
        'repeatable: a kind that the relay serves, where it serves no others',
      ),
    )
    .option('--strict', 'a broken SHOULD counts as failed like a broken MUST', false)
    .option('--known-failures <file>', 'failures that are known: only new ones fail the run')
    .option('--update-known-failures', 'write what fails now into the file of --known-failures', false)
    .option('--allow-remote', 'test an address that is not on this machine; ask its owner first', false)
    .addOption(new Option('--format <format>', 'what is printed').choices(['tree', 'tap']).default('tree'))
    .option('--json', 'print results.json to stdout and nothing else', false)
    .option('--out <dir>', 'write results.json, report.html, summary.md and junit.xml into this folder');
  return withSelfTest(command)
    .addHelpText(
      'after',
      `
Examples:
  $ reqbench conform
  $ reqbench conform nip01 nip42/restricted --relay 'mine=./my-relay --port {port} --data {dir}'
  $ reqbench conform --relay batched --set access=auth-required --format tap
  $ reqbench conform --relay 'mine=…' --known-failures known.json --out conformance
  $ reqbench conform --self-test

Exit codes: 0 nothing that counts failed (MUST and POLICY count, SHOULD with --strict) · 1 a check failed · 2 bad usage or
file · 3 a relay was not ready within 30 s or died · 130 interrupted`,
    )
    .action(async (clauses: string[], flags: ConformFlags) => {
      process.exitCode = flags.selfTest
        ? await selfTestOf(flags, 'all', [...clauses, ...flags.relay, ...flags.set])
        : await runConform(clauses, flags);
    });
}

async function runConform(clauses: readonly string[], flags: ConformFlags): Promise<number> {
  refuseMutants(flags);
  const selection = select(clauses);
  const relays = chosenRelays(flags);
  const { settings, allowedKeys } = withWriters(conformSettings(flags.set), flags.allowedKey.map(signingKey));
  const servedKinds = flags.servedKind.map(integer('--served-kind', 0, LAST_KIND));
  const before = knownBefore(flags);
  if (flags.out !== undefined) requireWritableFolder('--out', resolve(flags.out));
  if (tellAbsent(relays)) return EXIT.relayDown;
  const isTree = flags.format === 'tree' && !flags.json;
  const order = selection.probes.map(({ id }) => id).filter((id) => selection.has(id));
  const view = isTree ? new ConformView(process.stdout, order, stdoutPage(WIDE)) : undefined;
  const interrupt = onInterrupt();
  try {
    const results = await conform({
      relays,
      selection,
      settings,
      authUrl: flags.authUrl,
      allowedKeys,
      servedKinds,
      strict: flags.strict,
      signal: interrupt.signal,
      watch: {
        onRelay: (name) => view?.begin(name),
        onResult: (result) => view?.add(result),
        onRelayDone: (relay) => view?.end(relay),
      },
    });
    const files = flags.out === undefined ? undefined : await writeReports(results, resolve(flags.out));
    if (flags.json) process.stdout.write(`${JSON.stringify(results)}\n`);
    else if (flags.format === 'tap') process.stdout.write(renderTap(results));
    else process.stdout.write(closing(results, files));
    return verdict(results, before, flags, interrupt.signal.aborted);
  } finally {
    interrupt.stop();
  }
}

/** Which failures the exit code leaves out, and the documents that were written. */
function closing({ relays }: Results, files: WrittenReports | undefined): string {
  const uncounted = uncountedFailures(relays.flatMap(({ conformance }) => conformance ?? []));
  const lines = [uncounted ?? [], files ? [files.html, files.results, files.junit] : []].flat();
  return lines.map((line) => `${line}\n`).join('');
}

function verdict(
  results: Results,
  before: KnownFailures | undefined,
  flags: ConformFlags,
  interrupted: boolean,
): number {
  const { relays } = results;
  const changes = tellKnownFailures(relays, before, flags, interrupted);
  const isNew = before
    ? changes.some(({ change }) => change === 'new')
    : relays.some((relay) => failing(relay).length > 0);
  return exitCode({
    badInput: false,
    interrupted,
    relayDown: relays.some(({ status }) => status === 'failed-to-start' || status === 'died'),
    failed: isNew && !flags.updateKnownFailures,
    gateNotMeasurable: false,
  });
}

function chosenRelays({ relay: given, allowRemote, config }: ConformFlags): readonly Relay[] {
  const specs = given.length > 0 ? given : DEFAULT_RELAYS;
  if (specs.includes(NULL_RELAY)) {
    throw new InputError([
      { message: 'the null relay answers nothing of its own', hint: 'name another relay' },
    ]);
  }
  const cwd = process.cwd();
  const entries = findRelaysFile(config, [cwd])?.entries;
  const relays = specs.map((spec) => resolveRelay(spec, { allowRemote, cwd, entries }));
  const twice = relays.find((relay, index) => relays.findIndex(({ name }) => name === relay.name) !== index);
  if (!twice) return relays;
  throw new InputError([
    { message: `two relays are called ${twice.name}`, hint: 'give one of them a name: name=command' },
  ]);
}

function signingKey(text: string): SigningKey {
  const secretKey = /^[0-9a-f]{64}$/.test(text) ? text : decoded(text);
  if (secretKey === undefined) {
    throw new InputError([
      { message: '--allowed-key: no secret key', hint: 'write nsec1… or 64 lower-case hex digits' },
    ]);
  }
  return { secretKey, publicKey: publicKeyOf(secretKey) };
}

function decoded(text: string): string | undefined {
  try {
    const { type, data } = nip19.decode(text);
    return type === 'nsec' ? Buffer.from(data).toString('hex') : undefined;
  } catch {
    return undefined;
  }
}
