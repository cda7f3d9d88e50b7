/** The report as a browser shows it: nothing loaded, nothing failed, everything drawn, no sideways scrolling. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Results } from '../harness/results.js';
import { renderHtml } from '../reports/html/render.js';
import { sampleResults } from './sample-results.js';
import { brokenResults, emptyResults, hostileResults } from './troubled-results.js';

const PLACES = [
  process.env.REQBENCH_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/usr/bin/chromium-browser',
];
const executablePath = PLACES.find((path) => path !== undefined && existsSync(path));
const isRequired = process.env.CI === 'true';
const notRun = executablePath === undefined && !isRequired;
const title = notRun
  ? 'not run: no Chromium; set REQBENCH_CHROMIUM or install one with npm run setup:chromium'
  : 'the report in Chromium';

const runs = { sample: sampleResults, hostile: hostileResults, broken: brokenResults, empty: emptyResults };
const widths = [1280, 414, 360] as const;
const schemes = ['light', 'dark'] as const;
const cases = Object.keys(runs).flatMap((run) =>
  widths.flatMap((width) => schemes.map((scheme) => ({ run: run as keyof typeof runs, width, scheme }))),
);

describe.skipIf(notRun)(title, () => {
  const folder = mkdtempSync(join(tmpdir(), 'reqbench-chromium-'));
  let browser: Browser | undefined;

  beforeAll(async () => {
    if (executablePath === undefined) {
      throw new Error('CI needs a Chromium for the report: npm run setup:chromium');
    }
    browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens the report of `results` and gathers everything that a reader should never see. */
  async function opened(
    results: Results,
    options: { width: number; scheme: 'light' | 'dark'; hash?: string },
  ) {
    if (!browser) throw new Error('the browser was not started');
    const context = await browser.newContext({
      viewport: { width: options.width, height: 900 },
      colorScheme: options.scheme,
    });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('console', (message) => problems.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
    page.on('dialog', (dialog) => {
      problems.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) problems.push(`request: ${request.url()}`);
    });
    const file = join(folder, 'report.html');
    writeFileSync(file, renderHtml(results));
    await page.goto(`${pathToFileURL(file).href}${options.hash ?? ''}`);
    return { page, problems, close: () => context.close() };
  }

  test.each(cases)(
    '$run at $width px, $scheme: no errors, no requests, no sideways scrolling',
    async (one) => {
      const { page, problems, close } = await opened(runs[one.run](), one);
      expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
      expect(await page.title()).not.toBe('owned');
      expect(problems).toEqual([]);
      await close();
    },
  );

  test('on a phone nothing is cut: what is wider than its place scrolls in it, and says so', async () => {
    const { page, close } = await opened(sampleResults(), { width: 360, scheme: 'light' });
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
    await page.waitForFunction("document.querySelectorAll('.scroll.overflows').length > 0");
    const wide = await page.evaluate(`[...document.querySelectorAll('.scroll')]
      .filter((box) => box.scrollWidth > box.clientWidth + 1)
      .map((box) => getComputedStyle(box.querySelector('.hint')).display)`);
    expect(wide).toContain('block');
    expect(wide).not.toContain('none');
    const cut = await page.evaluate(`[...document.querySelectorAll('main *, header *')]
      .filter((one) => !one.closest('.scroll') && one.getBoundingClientRect().right > window.innerWidth + 1)
      .map((one) => one.outerHTML.slice(0, 120))`);
    expect(cut).toEqual([]);
    await close();
  });

  test.each(schemes)('every chart is drawn, %s', async (scheme) => {
    const { page, problems, close } = await opened(sampleResults(), { width: 1280, scheme });
    expect(await colouredPixels(page)).toSatisfy(
      (counts: number[]) => counts.length === 10 && counts.every((count) => count > 200),
    );
    expect(problems).toEqual([]);
    await close();
  });

  test('an axis of time has ticks at multiples of one step, whenever the samples were taken', async () => {
    const results = sampleResults();
    const relays = results.relays.map((relay) => ({
      ...relay,
      series: relay.series.map((one) => ({ ...one, atMs: one.atMs.map((at) => at + 102.7) })),
    }));
    const { page, close } = await opened({ ...results, relays }, { width: 1280, scheme: 'light' });
    const labels = await page.evaluate("Chart.getChart('time-0').scales.x.ticks.map(({ label }) => label)");
    expect(labels).toEqual(['0', '200 ms', '400 ms', '600 ms']);
    await close();
  });

  test('charts are drawn in light colours for paper', async () => {
    const { page, close } = await opened(sampleResults(), { width: 1280, scheme: 'dark' });
    const before = await firstChart(page);
    await page.evaluate("window.dispatchEvent(new Event('beforeprint'))");
    const onPaper = await firstChart(page);
    await page.evaluate("window.dispatchEvent(new Event('afterprint'))");
    expect(onPaper).not.toBe(before);
    expect(await firstChart(page)).toBe(before);
    await close();
  });

  test('a link to a check opens it', async () => {
    const check = '#check-nip01-req-duplicates';
    const { page, close } = await opened(sampleResults(), { width: 1280, scheme: 'light', hash: check });
    expect(await page.evaluate(`document.querySelector('${check}').open`)).toBe(true);
    await close();
  });
});

/** How many pixels of each canvas are coloured: lines of relays are, axes and the floor are grey. */
function colouredPixels(page: Page): Promise<unknown> {
  return page.evaluate(`[...document.querySelectorAll('canvas')].map((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let coloured = 0;
    for (let at = 0; at < data.length; at += 4) {
      const channels = [data[at], data[at + 1], data[at + 2]];
      if (data[at + 3] > 100 && Math.max(...channels) - Math.min(...channels) > 60) coloured += 1;
    }
    return coloured;
  })`);
}

function firstChart(page: Page): Promise<unknown> {
  return page.evaluate("document.querySelector('canvas').toDataURL()");
}
