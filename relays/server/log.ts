/** How much is logged; each level holds those after it. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** What is known of a stage: flat, structured. Text that a client chose goes through {@link printable} first. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where the relay tells its operator what it does: one line a stage. */
export interface Log {
  /** False where debug lines go nowhere: then nobody needs to put their fields together. */
  readonly tellsDebug: boolean;
  debug(stage: string, fields?: LogFields): void;
  info(stage: string, fields?: LogFields): void;
  warn(stage: string, fields?: LogFields): void;
  error(stage: string, fields?: LogFields): void;
}

/** Faults only, as warnings of the process: for a relay under a harness, which is measured. */
export const faultsOnly: Log = {
  tellsDebug: false,
  debug: () => undefined,
  info: () => undefined,
  warn: (stage, fields) => process.emitWarning(inOneLine(stage, fields)),
  error: (stage, fields) => process.emitWarning(inOneLine(stage, fields)),
};

/** Stages as a strategy tells them, in debug lines: what a client chose in their fields is made printable. */
export function stagesOf(log: Log): (stage: string, fields: LogFields) => void {
  return (stage, fields) => {
    if (log.tellsDebug) log.debug(stage, inPrintable(fields));
  };
}

function inPrintable(fields: LogFields): LogFields {
  const entries = Object.entries(fields);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? printable(value) : value]),
  );
}

function inOneLine(stage: string, fields: LogFields = {}): string {
  return Object.keys(fields).length === 0 ? stage : `${stage} ${JSON.stringify(fields)}`;
}

/** A log, and how to have the last lines written before the process ends. */
export interface OpenLog extends Log {
  close(): Promise<void>;
}

/** Past this much waiting to be written, lines are dropped: who doesn't read a log must not stop the relay. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/** pino's JSON lines on a file descriptor. pino is loaded here and nowhere else. */
export async function openLog(level: LogLevel, fileDescriptor = 2): Promise<OpenLog> {
  const { pino } = await import('pino');
  const destination = pino.destination({
    dest: fileDescriptor,
    sync: false,
    maxLength: MAX_WAITING_BYTES,
  });
  const logger = pino({ level, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  return {
    tellsDebug: logger.isLevelEnabled('debug'),
    debug: (stage, fields) => logger.debug(fields ?? {}, stage),
    info: (stage, fields) => logger.info(fields ?? {}, stage),
    warn: (stage, fields) => logger.warn(fields ?? {}, stage),
    error: (stage, fields) => logger.error(fields ?? {}, stage),
    close: () =>
      // Not flushSync: it would overtake the lines of a write that is under way.
      new Promise((resolve) => {
        destination.once('close', () => resolve());
        destination.end();
      }),
  };
}

const MAX_LOGGED_CHARACTERS = 200;

/** Controls, and what changes the direction or the lines of a terminal's text. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Text from outside as a log may hold it: what a terminal would obey is spelled out, what is long is cut. */
export function printable(text: string): string {
  const cut = text.length > MAX_LOGGED_CHARACTERS ? `${text.slice(0, MAX_LOGGED_CHARACTERS)}…` : text;
  return cut.replace(
    UNPRINTABLE,
    (character) => `\\u{${character.codePointAt(0)?.toString(16).padStart(4, '0')}}`,
  );
}
