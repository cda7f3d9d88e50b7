/** Results in, documents out: one format a file. Of the harness this folder knows results.ts only. */

export { renderBetweenMarkdown } from './between-markdown.js';
export { renderBetweenTerminal } from './between-terminal.js';
export { failedByLevel, uncountedFailures } from './failure-levels.js';
export { countsAsFailed } from './findings.js';
export { renderGithub } from './github.js';
export { renderHtml } from './html/render.js';
export { renderJunit } from './junit.js';
export { renderMarkdown } from './markdown.js';
export { printable } from './printable.js';
export { resultsJsonSchema } from './results-schema.js';
export { renderTap } from './tap.js';
export { renderGates, renderTerminal, type TerminalOptions } from './terminal.js';
export type { TerminalPage } from './terminal-text.js';
export { type Verdict, verdictSentence, verdicts } from './words.js';
export {
  type DocumentFormat,
  type WrittenReports,
  writeDocument,
  writeReports,
  writeResults,
} from './write.js';
