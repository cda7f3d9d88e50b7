import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TraceSummary } from '../trace/index.js';

/** The folder that a run writes its traces to. */
export interface RunTrace {
  readonly dir: string;
  /** File name of the corpus in it. */
  readonly corpusName: string;
}

const CORPUS_NAME = 'corpus.jsonl';

/** Makes the folder and puts the corpus into it, so that the traces can be checked on their own. */
export async function openTraces(
  dir: string,
  corpusFile: string,
  corpusName = CORPUS_NAME,
): Promise<RunTrace> {
  await mkdir(dir, { recursive: true });
  await copyFile(corpusFile, join(dir, corpusName));
  return { dir, corpusName };
}

/** Names of relays are not file names: a port stands after a colon. */
export function traceFileName(relay: string, round: number): string {
  return `${relay.replace(/[^a-zA-Z0-9.-]/g, '_')}-round-${round}.ndjson.gz`;
}

/** What a trace lacks, for the user; undefined: nothing. */
export function traceProblem(summary: TraceSummary | undefined): string | undefined {
  if (summary?.error !== undefined) return `the trace ${summary.file} is incomplete: ${summary.error}`;
  if (!summary?.leftOut) return undefined;
  return `the trace ${summary.file} lacks ${summary.leftOut} messages, which came faster than they could be written`;
}
