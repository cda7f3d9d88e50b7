const PORT = '{port}';
const DIR = '{dir}';

/** Words of these characters mean the same to a shell with and without quotes. */
const PLAIN = /^[\w@%+=:,./-]+$/;

export function namesItsPort(command: string): boolean {
  return command.includes(PORT);
}

/** The text for `/bin/sh -c`: `{port}` and `{dir}` filled in, the folder quoted if it has to be. */
export function commandLine(command: string, port: number, dir: string): string {
  return command.replaceAll(PORT, String(port)).replaceAll(DIR, () => shellWord(dir));
}

function shellWord(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
