import type { TerminalPage } from '../reports/index.js';

/** What stdout is: colour only in a terminal, and never where `NO_COLOR` is set. */
export function stdoutPage(widthOfFile = 100): TerminalPage {
  return { color: hasColor(process.stdout), width: process.stdout.columns ?? widthOfFile };
}

/** Whether a stream is a terminal that may be written to in colour. */
export function hasColor(stream: { readonly isTTY?: boolean | undefined }): boolean {
  return stream.isTTY === true && process.env.NO_COLOR === undefined;
}
