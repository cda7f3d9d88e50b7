import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { nip19 } from 'nostr-tools';
import { BUILTIN_RELAYS, type CommandTarget, type RelayEntry } from '../../relays/catalog.js';
import { InputError, type InputProblem } from '../errors.js';
import { problemsOf } from '../scenario/issues.js';
import { readSource, type Source } from '../scenario/source.js';
import { type ParsedEntry, relaysFileSchema } from './schema.js';

/** What the file is called. */
export const RELAYS_FILE = 'reqbench.config.yaml';

/** The relays of a file, and where it is. */
export interface RelaysFile {
  readonly file: string;
  readonly entries: readonly RelayEntry[];
}

/**
 * The nearest configuration file: `given`, else the first that is found in one of the folders or above it.
 * @throws {InputError} for a given file that isn't there, and for what is wrong in the one found, by line and column
 */
export function findRelaysFile(
  given: string | undefined,
  folders: readonly string[],
): RelaysFile | undefined {
  if (given !== undefined) return readRelaysFile(resolve(given));
  for (const folder of folders) {
    const file = upward(resolve(folder));
    if (file !== undefined) return readRelaysFile(file);
  }
  return undefined;
}

function upward(folder: string): string | undefined {
  const file = join(folder, RELAYS_FILE);
  if (existsSync(file)) return file;
  const parent = dirname(folder);
  return parent === folder ? undefined : upward(parent);
}

function readRelaysFile(file: string): RelaysFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError([{ message: `can't read the relays: ${reason}`, at: { file } }]);
  }
  return { file, entries: parseRelaysFile(text, file) };
}

/**
 * The entries in the text of a configuration file; touches nothing else.
 * @throws {InputError} with every problem, by line and column
 */
export function parseRelaysFile(text: string, file: string): readonly RelayEntry[] {
  const source = readSource(text, file, []);
  if (source.isEmpty) {
    const hint = "name a relay in it: relays: { mine: { command: './relay --port {port}' } }";
    throw new InputError([{ message: 'the file is empty', at: { file }, hint }]);
  }
  const result = relaysFileSchema.safeParse(source.value);
  if (!result.success) throw inputError(problemsOf(result.error.issues, source), file);
  const named = Object.entries(result.data.relays);
  const problems = named.flatMap(([name, entry]) => entryProblems(name, entry, source));
  if (problems.length > 0) throw inputError(problems, file);
  return named.map(([name, entry]) => relayEntry(name, entry, dirname(file)));
}

function entryProblems(name: string, entry: ParsedEntry, source: Source): InputProblem[] {
  const problems: InputProblem[] = [];
  const say = (key: string | undefined, message: string, hint: string): void => {
    const at = key === undefined ? source.keyAt(['relays', name]) : source.keyAt(['relays', name, key]);
    problems.push({ message, at, hint });
  };
  if (BUILTIN_RELAYS.some((builtin) => builtin.name === name)) {
    say(undefined, `${name} is built in`, `call the entry my-${name}`);
  }
  if ((entry.command === undefined) === (entry.url === undefined)) {
    say(
      undefined,
      `${name} has ${entry.url ? 'a command and a url' : 'neither a command nor a url'}`,
      'give one of them',
    );
  }
  const { command } = entry;
  const all = [command ?? '', ...Object.values(entry.env), entry.config?.text ?? ''].join('\n');
  if (command !== undefined && !all.includes('{port}')) {
    say('command', `nothing tells ${name} its port`, 'write {port} in its command, its env or its config');
  }
  if (all.includes('{config}') && entry.config === undefined) {
    say(
      'command',
      `{config} stands for a file that ${name} doesn't describe`,
      'add config: { file: relay.toml, text: … }',
    );
  }
  if (entry.import !== undefined && !entry.import.includes('{events}')) {
    say(
      'import',
      "the import doesn't say what to import",
      'write {events}, the path of a JSONL file, into it',
    );
  }
  if (entry.url !== undefined) {
    const ofCommands = ['config', 'import', 'needs', 'ready'] as const;
    for (const key of ofCommands.filter((one) => entry[one] !== undefined)) {
      say(
        key,
        `${key} is of relays that are started by a command`,
        'take it out, or give a command instead of the url',
      );
    }
  }
  entry.auth?.keys.forEach((key, index) => {
    if (secretKeyOf(key) === undefined) {
      const at = source.at(['relays', name, 'auth', 'keys', index]);
      problems.push({
        message: 'not the nsec of a secret key',
        at,
        hint: 'its checksum is wrong; copy it again',
      });
    }
  });
  return problems;
}

function relayEntry(name: string, entry: ParsedEntry, folder: string): RelayEntry {
  const { auth, access, limitation, sources } = entry;
  return {
    name,
    description: entry.description ?? entry.url ?? entry.command ?? '',
    target: entry.url === undefined ? commandTarget(entry, folder) : { url: entry.url },
    declared: {
      authUrl: auth?.url,
      allowedKeys: auth?.keys.flatMap((key) => secretKeyOf(key) ?? []),
      access,
      limitation,
      sourceAddresses: sources,
    },
    expects: entry.expects,
  };
}

function commandTarget(entry: ParsedEntry, folder: string): CommandTarget {
  const { needs, config } = entry;
  return {
    command: entry.command ?? '',
    cwd: folder,
    env: entry.env,
    config: config && { name: config.file, text: config.text },
    needs: needs && { program: needs.program, hint: needs.hint },
    importCommand: entry.import,
    copiesData: entry.data === 'copy',
    readyWithinMs: entry.ready,
  };
}

/** Hex of a secret key as nsec or hex; undefined when it is none. */
function secretKeyOf(text: string): string | undefined {
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  try {
    const { type, data } = nip19.decode(text);
    return type === 'nsec' ? Buffer.from(data).toString('hex') : undefined;
  } catch {
    return undefined;
  }
}

function inputError(problems: readonly InputProblem[], file: string): InputError {
  const inOrder = [...problems].sort(
    (a, b) => (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0),
  );
  const [first = { message: 'the file is not valid', at: { file } }, ...rest] = inOrder;
  return new InputError([first, ...rest]);
}
