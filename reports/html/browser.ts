/**
 * The part of the report that runs in the browser: it draws the charts from the JSON in the page, follows the
 * colour scheme (light on paper) and opens the check that a link points at. Compiled, then inlined by render.tsx.
 */
import type { Chart as ChartData, ChartLine } from './chart-data.js';
import type { Theme } from './palette.js';

interface PageElement {
  readonly textContent: string | null;
  open?: boolean;
  scrollIntoView(): void;
  readonly parentElement: PageElement | null;
  closest(selector: string): PageElement | null;
}

interface ScrollBox {
  readonly scrollWidth: number;
  readonly clientWidth: number;
  readonly classList: { toggle(name: string, force: boolean): void };
}

interface DrawnChart {
  destroy(): void;
}

declare const document: {
  getElementById(id: string): PageElement | null;
  querySelectorAll(selector: '.scroll'): Iterable<ScrollBox>;
};
declare const ResizeObserver: new (
  seen: (entries: readonly { readonly target: ScrollBox }[]) => void,
) => { observe(target: ScrollBox): void };
declare const location: { readonly hash: string };
declare const window: { addEventListener(type: string, listener: () => void): void };
declare function matchMedia(query: string): {
  readonly matches: boolean;
  addEventListener(type: 'change', listener: () => void): void;
};
declare const Chart: new (canvas: PageElement, configuration: object) => DrawnChart;

interface PageData {
  readonly charts: readonly ChartData[];
  readonly light: Theme;
  readonly dark: Theme;
}

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const MARKERS = ['circle', 'rectRot', 'triangle', 'rect', 'star', 'crossRot'];
const PERCENTILES = [1, 2, 10, 100, 1000, 10_000, 100_000];

const page: PageData = JSON.parse(document.getElementById('chart-data')?.textContent ?? '{"charts":[]}');
const darkScheme = matchMedia('(prefers-color-scheme: dark)');
let drawn: DrawnChart[] = [];

function percentileLabel(x: number): string {
  if (!PERCENTILES.some((tick) => Math.abs(tick - x) < tick / 1e6)) return '';
  return x === 1 ? 'min' : `p${Number((100 * (1 - 1 / x)).toPrecision(7))}`;
}

const SCALES: Readonly<Record<string, readonly (readonly [from: number, size: number, name: string])[]>> = {
  ms: [
    [1000, 1000, 's'],
    [0.01, 1, 'ms'],
    [0, 0.001, 'µs'],
  ],
  bytes: [
    [2 ** 30, 2 ** 30, 'GiB'],
    [2 ** 20, 2 ** 20, 'MiB'],
    [2 ** 10, 2 ** 10, 'KiB'],
    [0, 1, 'B'],
  ],
};

function valueLabel(value: number, unit: string): string {
  const [, size, name] = SCALES[unit]?.find(([from]) => Math.abs(value) >= from) ?? [0, 1, unit];
  if (unit === 'count') return String(Number(value.toPrecision(3)));
  return value === 0 ? '0' : `${Number((value / size).toPrecision(3))} ${name}`;
}

/** What the y values are divided by, so that an axis in MiB has round steps. */
function axisSize({ unit, lines }: ChartData): number {
  if (unit !== 'bytes') return 1;
  const largest = lines.reduce(
    (most, { points }) => points.reduce((max, [, y]) => Math.max(max, y), most),
    0,
  );
  return SCALES.bytes?.find(([from]) => largest >= from)?.[1] ?? 1;
}

function xTitle(kind: ChartData['kind']): string {
  return {
    percentiles: 'percentile',
    rounds: 'round',
    time: 'since the measured window began',
    sweep: 'value',
  }[kind];
}

/** Points stand at whole numbers, each marked. */
function hasSteps(kind: ChartData['kind']): boolean {
  return kind === 'rounds' || kind === 'sweep';
}

function nameOfX(x: number, labels: readonly string[]): string {
  return labels.length === 0 ? String(x) : (labels[x - 1] ?? '');
}

interface Axis {
  ticks: { readonly value: number }[];
}

/** Leaves the ticks at multiples of their step: not those at the first and the last sample. */
function keepRoundTicks(axis: Axis): void {
  const [, second, third] = axis.ticks;
  if (!second || !third) return;
  const step = third.value - second.value;
  axis.ticks = axis.ticks.filter(({ value }) => Math.abs(value / step - Math.round(value / step)) < 1e-6);
}

/** Where time begins: with the measured window, or with the warm-up where that was sampled. */
function firstMoment({ lines }: ChartData): number {
  return lines.reduce((least, { points }) => points.reduce((min, [x]) => Math.min(min, x), least), 0);
}

function xScale(data: ChartData, theme: Theme): object {
  const { kind, xLabels = [] } = data;
  const title = { display: true, text: xTitle(kind), color: theme.faint };
  const common = { title, grid: { color: theme.line, drawTicks: false }, border: { display: false } };
  const ticks = { color: theme.faint, maxRotation: 0, padding: 6 };
  if (kind === 'percentiles') {
    const setTicks = (axis: { ticks: object[]; max: number }) => {
      axis.ticks = PERCENTILES.filter((value) => value <= axis.max).map((value) => ({ value }));
    };
    return {
      ...common,
      type: 'logarithmic',
      min: 1,
      afterBuildTicks: setTicks,
      ticks: { ...ticks, autoSkip: false, callback: percentileLabel },
    };
  }
  const callback =
    kind === 'time' ? (value: number) => valueLabel(value, 'ms') : (value: number) => nameOfX(value, xLabels);
  const step = hasSteps(kind) ? { stepSize: 1 } : {};
  const edge = hasSteps(kind) ? { offset: true } : { bounds: 'data' };
  const ofTime = kind === 'time' ? { min: firstMoment(data), afterBuildTicks: keepRoundTicks } : {};
  return {
    ...common,
    ...edge,
    ...ofTime,
    type: 'linear',
    ticks: { ...ticks, ...step, callback, maxTicksLimit: 8 },
  };
}

/** Latencies of a floor and of relays lie decades apart, so percentiles get a log axis; the rest starts at 0. */
function yScale(data: ChartData, theme: Theme): object {
  const { kind, unit } = data;
  const common = { grid: { color: theme.line, drawTicks: false }, border: { display: false } };
  const size = axisSize(data);
  const callback = (value: number) => valueLabel(value * size, unit);
  const ticks = { color: theme.faint, padding: 8, callback, maxTicksLimit: 6 };
  if (kind !== 'percentiles') return { ...common, type: 'linear', beginAtZero: true, ticks };
  const setTicks = (axis: { ticks: { value: number }[] }) => {
    axis.ticks = axis.ticks.filter(({ value }) => /^[125]e/.test(value.toExponential()));
  };
  return {
    ...common,
    type: 'logarithmic',
    afterBuildTicks: setTicks,
    ticks: { ...ticks, maxTicksLimit: 12 },
  };
}

function dataset({ relay, series, points }: ChartLine, data: ChartData, theme: Theme): object {
  const { kind } = data;
  const size = axisSize(data);
  const color = series === undefined ? theme.floor : (theme.series[series] ?? theme.ink);
  const marked = hasSteps(kind);
  return {
    label: relay,
    data: points.map(([x, y]) => ({ x, y: y / size })),
    borderColor: kind === 'time' ? `${color}99` : color,
    backgroundColor: color,
    borderWidth: kind === 'time' ? 1.25 : marked ? 1 : 2,
    borderDash: series === undefined ? [5, 4] : [],
    pointStyle: MARKERS[series ?? 0],
    pointRadius: marked ? 4.5 : 0,
    pointHoverRadius: marked ? 6 : 4,
    pointHitRadius: 8,
    showLine: true,
    tension: 0,
  };
}

function tooltip(data: ChartData, theme: Theme): object {
  const { kind, unit, xLabels = [] } = data;
  const size = axisSize(data);
  const heading = (x: number) => {
    if (kind === 'percentiles') return `p${Number((100 * (1 - 1 / x)).toPrecision(4))}`;
    if (kind === 'sweep') return nameOfX(x, xLabels);
    return kind === 'rounds' ? `round ${x}` : valueLabel(x, 'ms');
  };
  return {
    backgroundColor: theme.ink,
    titleColor: theme.page,
    bodyColor: theme.page,
    padding: 10,
    boxPadding: 5,
    usePointStyle: true,
    callbacks: {
      title: (items: readonly { parsed: { x: number } }[]) => (items[0] ? heading(items[0].parsed.x) : ''),
      label: (item: { dataset: { label: string }; parsed: { y: number } }) =>
        `${item.dataset.label}  ${valueLabel(item.parsed.y * size, unit)}`,
    },
  };
}

function draw(theme: Theme): void {
  for (const chart of drawn) chart.destroy();
  drawn = page.charts.flatMap((data) => {
    const canvas = document.getElementById(data.id);
    return canvas ? [drawChart(canvas, data, theme)] : [];
  });
}

function drawChart(canvas: PageElement, data: ChartData, theme: Theme): DrawnChart {
  return new Chart(canvas, {
    type: 'line',
    data: { datasets: data.lines.map((line) => dataset(line, data, theme)) },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      font: { family: FONT, size: 12 },
      interaction: { mode: 'nearest', axis: data.kind === 'time' ? 'xy' : 'x', intersect: false },
      scales: { x: xScale(data, theme), y: yScale(data, theme) },
      plugins: { legend: { display: false }, tooltip: tooltip(data, theme) },
    },
  });
}

function drawForScreen(): void {
  draw(darkScheme.matches ? page.dark : page.light);
}

/** A link to a check opens it. */
function openTarget(): void {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let details = target.closest('details'); details; ) {
    details.open = true;
    details = details.parentElement?.closest('details') ?? null;
  }
  target.scrollIntoView();
}

/** Boxes that are wider than their place show that they scroll. */
function watchOverflow(): void {
  const boxes = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      target.classList.toggle('overflows', target.scrollWidth > target.clientWidth + 1);
    }
  });
  for (const box of document.querySelectorAll('.scroll')) boxes.observe(box);
}

drawForScreen();
openTarget();
watchOverflow();
darkScheme.addEventListener('change', drawForScreen);
window.addEventListener('hashchange', openTarget);
window.addEventListener('beforeprint', () => draw(page.light));
window.addEventListener('afterprint', drawForScreen);
