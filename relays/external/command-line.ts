/** What is filled in for the words in braces. */
export interface CommandValues {
  readonly port: number;
  readonly dir: string;
  /** Path of the configuration file that was written. */
  readonly config?: string | undefined;
  /** Path of the events to import. */
  readonly events?: string | undefined;
}

/** Words of these characters mean the same to a shell with and without quotes. */
const PLAIN = /^[\w@%+=:,./-]+$/;

const PLACEHOLDER = /\{(port|dir|config|events)\}/g;

export function namesItsPort(command: string): boolean {
  return command.includes('{port}');
}

/** The text for `/bin/sh -c`: what is in braces filled in, quoted if it has to be. */
export function commandLine(command: string, values: CommandValues): string {
  return command.replace(PLACEHOLDER, (word, key: keyof CommandValues) => {
    const value = values[key];
    return value === undefined ? word : shellWord(String(value));
  });
}

/** The same where no shell reads it: environment, configuration file, address. */
export function filledIn(text: string, values: CommandValues): string {
  return text.replace(PLACEHOLDER, (word, key: keyof CommandValues) => String(values[key] ?? word));
}

function shellWord(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
