import type { AccessMode } from '../relay.js';

/** A relay that a configuration file names (docs/relays.md). Texts may hold `{port}`, `{dir}` and `{config}`. */
export interface RelayEntry {
  readonly name: string;
  readonly description: string;
  readonly target: AttachedTarget | CommandTarget;
  readonly declared: RelayDeclarations;
  readonly expects: ExpectedIdentity;
}

/** A relay that runs already. */
export interface AttachedTarget {
  readonly url: string;
}

/** A relay that is started by a command. */
export interface CommandTarget {
  readonly command: string;
  /** Folder that the command runs in. */
  readonly cwd: string;
  /** Added to the environment of the harness. */
  readonly env: Readonly<Record<string, string>>;
  /** A file to write into `{dir}` before the start; `{config}` is its path. */
  readonly config?: { readonly name: string; readonly text: string } | undefined;
  /** The program that the command needs, and how one gets it. */
  readonly needs?: { readonly program: string; readonly hint: string | undefined } | undefined;
  /** Loads `{events}`, a JSONL file, before the relay starts; undefined: it is loaded over EVENT. */
  readonly importCommand?: string | undefined;
  /** Whether the folder of a loaded relay may be copied for later rounds. */
  readonly copiesData: boolean;
  /** Longest time until it is ready, in milliseconds, where it is not the caller's. */
  readonly readyWithinMs?: number | undefined;
  /** How long it may take to end, in milliseconds, where 2 s are not enough for what it has to write. */
  readonly stopWithinMs?: number | undefined;
}

/** What the harness can't find out by asking the relay. */
export interface RelayDeclarations {
  /** The address that its AUTH expects (NIP-42), where that isn't the one connected to; may hold `{port}`. */
  readonly authUrl?: string | undefined;
  /** Secret keys, hex, of keys on its allowlist. */
  readonly allowedKeys?: readonly string[] | undefined;
  readonly access?: AccessMode | undefined;
  /** Limits by their NIP-11 names, where its document states none. */
  readonly limitation?: Readonly<Record<string, number>> | undefined;
  /** Loopback addresses that clients connect from in turn, for relays that count connections by address. */
  readonly sourceAddresses?: readonly string[] | undefined;
}

/** Words that must stand in fields of the NIP-11 document, so that nobody measures another relay by mistake. */
export interface ExpectedIdentity {
  readonly name?: string | undefined;
  readonly software?: string | undefined;
}
