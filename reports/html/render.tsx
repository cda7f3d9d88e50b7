/** report.html: one file that needs no network, no server and no fonts of its own. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { render } from 'preact-render-to-string';
import type { Results } from '../../harness/results.js';
import { isMeasured } from '../findings.js';
import { printable } from '../printable.js';
import { type Chart, latencyCharts, type MetricCharts } from './chart-data.js';
import { Latencies, OverTime } from './charts.js';
import { ConformanceSection } from './conformance.js';
import { Resources, resourceMetrics } from './metrics.js';
import { DARK, LIGHT } from './palette.js';
import { EnvironmentSection, GateSection, GeneratorSection, RelaySection } from './provenance.js';
import { STYLE } from './style.js';
import { SweepSection, sweepCharts } from './sweep.js';
import { timeCharts } from './time-charts.js';
import { Masthead } from './verdict.js';

/** The report as one HTML document. Throws if the package was not built: a script of it is inlined. */
export function renderHtml(results: Results): string {
  const latency = latencyCharts(results);
  const overTime = timeCharts(results);
  const swept = sweepCharts(results);
  const charts = [...swept, ...latency.flatMap((group) => group.charts), ...overTime];
  const data = JSON.stringify({ charts: charts.map(drawable), light: LIGHT, dark: DARK });
  const scripts = [chartLibrary(), pageScript()];
  const title = escaped(`reqbench: ${printable(results.scenario.name, 80)}`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(scripts)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
${render(<Page results={results} latency={latency} overTime={overTime} swept={swept} />)}
<script type="application/json" id="chart-data">${data.replaceAll('<', '\\u003c')}</script>
<script>${scripts[0]}</script>
<script type="module">${scripts[1]}</script>
</body>
</html>
`;
}

interface PageProps {
  readonly results: Results;
  readonly latency: readonly MetricCharts[];
  readonly overTime: readonly Chart[];
  readonly swept: readonly Chart[];
}

function Page({ results, latency, overTime, swept }: PageProps) {
  return (
    <>
      <Masthead results={results} />
      <Navigation results={results} latency={latency} overTime={overTime} swept={swept} />
      <main>
        <SweepSection results={results} charts={swept} />
        <ConformanceSection results={results} />
        <Latencies results={results} groups={latency} />
        <Resources results={results} />
        <OverTime results={results} charts={overTime} />
        <GateSection results={results} />
        <RelaySection results={results} />
        {isMeasured(results) ? <GeneratorSection results={results} /> : null}
        <EnvironmentSection results={results} />
      </main>
      <footer>
        reqbench {printable(results.environment.reqbench, 40)}.{' '}
        {isMeasured(results) ? 'The figures are' : 'All of it is'} in results.json beside this file.
      </footer>
    </>
  );
}

/** Links to the sections that the page has. */
function Navigation({ results, latency, overTime, swept }: PageProps) {
  const sections: readonly (readonly [anchor: string, text: string, isThere: boolean])[] = [
    ['sweep', 'Sweep', swept.length > 0],
    ['conformance', 'Answers', true],
    ['latency', 'Latency', latency.length > 0],
    ['resources', 'Resources', resourceMetrics(results).length > 0],
    ['over-time', 'Over time', overTime.length > 0],
    ['gates', 'Gates', results.gates.length > 0],
    ['relays', 'Relays', results.relays.length > 0],
    ['generator', 'Generator', isMeasured(results)],
    ['environment', 'Repeat', true],
  ];
  const links = sections.filter(([, , isThere]) => isThere);
  return (
    <nav aria-label="Sections">
      <ul>
        {links.map(([anchor, text]) => (
          <li key={anchor}>
            <a href={`#${anchor}`}>{text}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** A chart without its table, which is in the page already. */
function drawable({ table: _table, ...chart }: Chart): Omit<Chart, 'table'> {
  return chart;
}

/** Nothing but the two scripts below may run, and nothing may be loaded: a second wall behind the escaping. */
function policy(scripts: readonly string[]): string {
  const hashes = scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  return `default-src 'none'; script-src ${hashes.join(' ')}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'`;
}

const require = createRequire(import.meta.url);

function chartLibrary(): string {
  return inlineable(readFileSync(join(dirname(require.resolve('chart.js')), 'chart.umd.min.js'), 'utf8'));
}

/** The compiled browser.ts, whichever of source and build this runs from. */
function pageScript(): string {
  const root = dirname(require.resolve('reqbench/package.json'));
  return inlineable(readFileSync(join(root, 'dist/reports/html/browser.js'), 'utf8'));
}

/** A script that can stand in a script element: no end tag in it, and no link to a source map. */
function inlineable(script: string): string {
  return script.replace(/^\/\/# sourceMappingURL=.*$/gm, '').replace(/<(?=\/script|!--)/gi, '\\x3c');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
