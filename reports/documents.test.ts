/** What holds for every format: nothing hostile gets through, every state of a run can be shown. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Results, resultsSchema } from '../harness/results.js';
import { conformance, sampleResults } from '../tests/sample-results.js';
import { brokenResults, emptyResults, hostileResults } from '../tests/troubled-results.js';
import { renderHtml } from './html/render.js';
import { renderJunit } from './junit.js';
import { renderMarkdown } from './markdown.js';
import { renderTerminal } from './terminal.js';
import { writeReports } from './write.js';

const plainTerminal = (results: Results) =>
  renderTerminal(results, { color: false, width: 80, files: ['out/report.html'] });
const formats = { html: renderHtml, markdown: renderMarkdown, junit: renderJunit, terminal: plainTerminal };
const runs = { sample: sampleResults, hostile: hostileResults, broken: brokenResults, empty: emptyResults };
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

test.each(Object.entries(runs))('the made-up %s run is valid results.json', (_name, run) => {
  expect(resultsSchema.safeParse(JSON.parse(JSON.stringify(run()))).error).toBeUndefined();
});

/** What a reader sees of a document: without the scripts of an HTML page. */
function visible(document: string): string {
  return document.replace(/<(script|style)\b[^>]*>.*?<\/\1>/gs, '');
}

describe.each(Object.entries(formats))('%s', (_name, render) => {
  test('passes on no control, override or line separator', () => {
    const text = visible(render(hostileResults())).replaceAll('\n', '');
    const passedOn = text.match(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu);
    expect(passedOn).toBeNull();
  });

  test.each(Object.entries(runs))(
    'shows the %s run without a word that only a programmer knows',
    (_run, make) => {
      const text = visible(render(make()));
      expect(text.length).toBeGreaterThan(100);
      expect(text.match(/\b(undefined|NaN|null ms|Infinity)\b|\[object Object\]/g)).toBeNull();
    },
  );
});

test('HTML has no element that text of a relay made', () => {
  const body = renderHtml(hostileResults());
  expect(body.match(/<script/g)).toHaveLength(3);
  expect(body.match(/<\/script/g)).toHaveLength(3);
  expect(body.match(/<img|<!--|<a href="(?!#)/g)).toBeNull();
});

test('HTML has an anchor for every check and links none that is missing', () => {
  const html = renderHtml(hostileResults());
  expect(html.includes('id="check-nip01-req-eose-once"')).toBe(true);
  const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  for (const [, target] of html.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
});

test('HTML gives the answer relay by relay before everything else', () => {
  const html = renderHtml(sampleResults());
  const table = /<table class="summary".*?<\/table>/s.exec(html)?.[0] ?? '';
  expect(table.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ')).toMatch(
    /streaming right: 4 checks .* ms .* 1 .*MiB batched right: 5 checks .* 1\.02 \(0\.94–1\.08\) can’t be told apart .*MiB null not judged: the floor .* Gates 2 gates, all passed/,
  );
  expect(html.indexOf(table)).toBeLessThan(html.indexOf('class="verdicts"'));
  const wrong = renderHtml(hostileResults());
  expect(wrong).toContain('wrong: 1 of');
  const relays = sampleResults().relays.map((relay) => ({
    ...relay,
    conformance: conformance({ 'nip01/req/stored-set': { result: 'failed', failedCases: 3 } }),
  }));
  expect(renderHtml(sampleResults({ relays })).replaceAll('\u00a0', ' ')).toContain(
    'wrong: 3 of 1,680 answers',
  );
  expect(wrong.indexOf('class="summary"')).toBeLessThan(wrong.indexOf('id="warnings"'));
});

test('HTML says why a percentile is missing', () => {
  expect(renderHtml(sampleResults()).includes('title="printed from 1,000 samples"')).toBe(true);
});

test('Markdown takes nothing from a relay as markup', () => {
  const markdown = renderMarkdown(hostileResults());
  expect(markdown.match(/<[a-z/!][^>]*>/gi)?.map((tag) => tag.replace(/[</>]/g, ''))).toSatisfy(
    (tags: string[]) => tags.every((tag) => ['details', 'summary', 'pre', 'p', 'code', 'sub'].includes(tag)),
  );
  expect(markdown).not.toMatch(/\]\(http/);
  const tables = markdown.split('\n').filter((line) => line.startsWith('|'));
  for (const line of tables) expect([4, 5]).toContain(line.split('|').length - 1);
});

test('JUnit counts failures, errors and skipped cases as its parts say', () => {
  const xml = renderJunit(hostileResults());
  const count = (pattern: RegExp) => String(xml.match(pattern)?.length ?? 0);
  const total = /<testsuites [^>]*tests="(\d+)" failures="(\d+)" errors="(\d+)" skipped="(\d+)"/
    .exec(xml)
    ?.slice(1);
  expect(total).toEqual([count(/<testcase/g), count(/<failure/g), count(/<error/g), count(/<skipped/g)]);
  expect(total?.slice(1, 3)).toEqual(['2', '2']);
  expect(xml).not.toContain(']]>');
  expect(xml).toContain('not tested: the run gave no case to judge');
});

test('a SHOULD finding fails no test case unless the run counted it', () => {
  const results = hostileResults();
  const strict = results.relays.map((relay) =>
    relay.conformance
      ? { ...relay, conformance: { ...relay.conformance, failed: relay.conformance.failed * 2 } }
      : relay,
  );
  expect(renderJunit(results).match(/<failure/g)).toHaveLength(2);
  expect(renderJunit({ ...results, relays: strict }).match(/<failure/g)).toHaveLength(3);
});

test('the terminal warns before the verdict and the verdict comes before the table', () => {
  const lines = renderTerminal(hostileResults(), { color: false, width: 110, files: ['out/report.html'] });
  const order = [
    'A cluster at 40 ms',
    'could not be compared',
    'first event p50',
    'EOSE came twice',
    '1 failed',
    'out/report.html',
  ];
  const places = order.map((text) => lines.indexOf(text));
  expect(places).toEqual(places.toSorted((x, y) => x - y));
  expect(Math.min(...places)).toBeGreaterThanOrEqual(0);
});

test.each([40, 80, 200])('the terminal keeps to %d columns', (width) => {
  const text = renderTerminal(hostileResults(), { color: false, width });
  expect(Math.max(...text.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(width);
});

test('colour is given only when asked for', () => {
  expect(renderTerminal(sampleResults(), { color: true, width: 80 })).toContain('\u001b[');
  expect(renderTerminal(sampleResults(), { color: false, width: 80 })).not.toContain('\u001b[');
});

test('all documents are written, and nothing half-written is left', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'reqbench-reports-'));
  folders.push(dir);
  const nested = join(dir, 'first-look', 'run');
  const written = await writeReports(sampleResults(), nested);
  expect(readdirSync(nested).toSorted()).toEqual(['junit.xml', 'report.html', 'results.json', 'summary.md']);
  expect(resultsSchema.parse(JSON.parse(readFileSync(written.results, 'utf8')))).toEqual(
    JSON.parse(JSON.stringify(sampleResults())),
  );
});

test('the report shows each of several load workers beside the worst of them', () => {
  const results = sampleResults();
  const { perRelay, ...generator } = results.harness;
  const workers = [1, 2].map((worker) => ({
    worker,
    pid: 100 + worker,
    ...generator,
    headroom: 10 + worker,
  }));
  const html = renderHtml({
    ...results,
    harness: { ...generator, perRelay: perRelay.map((one) => ({ ...one, workers })) },
  });
  expect(html).toContain('load worker 2 of 2');
  expect(html).toContain('the worst of its workers');
  expect(renderHtml(results)).not.toContain('load worker');
});
