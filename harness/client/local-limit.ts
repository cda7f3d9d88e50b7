import { readFileSync } from 'node:fs';

/** Read in time: once the limit is reached, no file tells it any more. */
const OPEN_FILES = openFilesLimit();

/** Why this machine opens no further connection, and what to do; none of it is the relay's doing. */
export class LocalLimitError extends Error {
  override readonly name = 'LocalLimitError';
  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

/**
 * The limit of this process or machine that an error of `connect(2)` or `socket(2)` tells of.
 * @returns undefined for every other error, such as a refusal by the relay
 */
export function localLimit({ code, message }: NodeJS.ErrnoException): LocalLimitError | undefined {
  switch (code) {
    case 'EMFILE': {
      const of = OPEN_FILES === undefined ? '' : `, ${OPEN_FILES.toLocaleString('en')} here`;
      return new LocalLimitError(
        `the load needs more connections than one process may have files open${of} (${message})`,
        'raise the limit in this shell (ulimit -n 65536), share the load among processes (--workers 2), or open fewer connections',
      );
    }
    case 'ENFILE':
      return new LocalLimitError(
        `the load needs more connections than this machine may have files open (${message})`,
        'raise fs.file-max, or open fewer connections',
      );
    case 'EADDRNOTAVAIL':
      return new LocalLimitError(
        `the load needs more connections than an address has ports free, or connects from an address that this machine doesn't have (${message})`,
        'connect from several addresses of this machine (--set sources=[127.0.0.2-50]), or open fewer connections',
      );
    default:
      return undefined;
  }
}

/** How many files this process may have open; undefined where the platform doesn't tell (Linux does). */
function openFilesLimit(): number | undefined {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    return line ? Number(line[1]) : undefined;
  } catch {
    return undefined;
  }
}
