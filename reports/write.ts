import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Results } from '../harness/results.js';
import { renderHtml } from './html/render.js';
import { renderJunit } from './junit.js';
import { renderMarkdown } from './markdown.js';

/** Paths of what was written. */
export interface WrittenReports {
  readonly results: string;
  readonly html: string;
  readonly summary: string;
  readonly junit: string;
}

/**
 * Writes results.json into `dir`, which is made if it isn't there. The file is whole or absent, whatever happens
 * while it is written: after every round the next one replaces it. Gives back its path.
 */
export async function writeResults(results: Results, dir: string): Promise<string> {
  await mkdir(dir, { recursive: true });
  return writeWhole(join(dir, 'results.json'), `${JSON.stringify(results, null, 1)}\n`);
}

/** Writes results.json, then report.html, summary.md and junit.xml made from it, into `dir`. */
export async function writeReports(results: Results, dir: string): Promise<WrittenReports> {
  return {
    results: await writeResults(results, dir),
    html: await writeDocument(results, dir, 'html'),
    summary: await writeDocument(results, dir, 'markdown'),
    junit: await writeDocument(results, dir, 'junit'),
  };
}

const DOCUMENTS = {
  html: { name: 'report.html', render: renderHtml },
  markdown: { name: 'summary.md', render: renderMarkdown },
  junit: { name: 'junit.xml', render: renderJunit },
} as const;

/** Formats of the documents that are files. */
export type DocumentFormat = keyof typeof DOCUMENTS;

/** Writes a document of the results into `dir`, which is made if it isn't there. Gives back its path. */
export async function writeDocument(results: Results, dir: string, format: DocumentFormat): Promise<string> {
  const { name, render } = DOCUMENTS[format];
  await mkdir(dir, { recursive: true });
  return writeWhole(join(dir, name), render(results));
}

async function writeWhole(path: string, text: string): Promise<string> {
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(unfinished, text);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  return path;
}
