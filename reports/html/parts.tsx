/** Small pieces that several sections of the report use. */
import type { ComponentChildren } from 'preact';
import { type MetricResult, NULL_RELAY, type Results } from '../../harness/results.js';
import type { Standing } from '../findings.js';
import { ABSENT, formatValue } from '../format.js';
import { printable } from '../printable.js';
import { contenderIndex, isSpoiled, perSecond } from '../select.js';
import { seriesIndex } from './palette.js';

const MARK_PATHS: Readonly<Record<Standing, string>> = {
  good: 'M5.5 10.5l3 3 6-7',
  bad: 'M6.5 6.5l7 7m0-7l-7 7',
  unsure: 'M10 5.5v5.5m0 3v.1',
};
const MARK_NAMES: Readonly<Record<Standing, string>> = { good: 'fine', bad: 'wrong', unsure: 'uncertain' };

/** A tick, a cross or an exclamation mark in a ring: never colour alone. */
export function Mark({ standing }: { readonly standing: Standing }) {
  return (
    <svg class="mark" viewBox="0 0 20 20" role="img" aria-label={MARK_NAMES[standing]}>
      <circle cx="10" cy="10" r="9" fill="currentColor" fill-opacity=".14" />
      <path
        d={MARK_PATHS[standing]}
        fill="none"
        stroke="currentColor"
        stroke-width="2"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}

/** Text that isn't ours, made visible and kept from reordering its surroundings. */
export function Foreign({ text, max = 200 }: { readonly text: string; readonly max?: number }) {
  return <bdi>{printable(text, max)}</bdi>;
}

/** A figure, or a dash that says why there is none. */
export function Figure({ text, why = 'not measured' }: { readonly text: string; readonly why?: string }) {
  if (text !== ABSENT) return <>{text}</>;
  return (
    <span class="absent" title={why}>
      {ABSENT}
    </span>
  );
}

/** Beside figures that a warning at the top of the report spoils. */
export function Spoiled() {
  return (
    <a class="unsure spoiled-by" href="#warnings" title="Spoiled: a warning at the top says by what">
      <Mark standing="unsure" />
    </a>
  );
}

interface StatisticProps {
  readonly results: Results;
  readonly relay: string;
  readonly entry: MetricResult;
  readonly statistic: 'p50' | 'p90' | 'p99' | 'max';
  /** Why it may be missing. */
  readonly why?: string;
}

/** A statistic of a metric, marked where it is spoiled. */
export function Statistic({ results, relay, entry, statistic, why }: StatisticProps) {
  const text = formatValue(entry[statistic], entry.unit);
  if (text === ABSENT) return <Figure text={text} {...(why === undefined ? {} : { why })} />;
  return (
    <>
      {text}
      {perSecond(entry.metric)}
      {isSpoiled(results, relay, entry, statistic) ? <Spoiled /> : null}
    </>
  );
}

/** Custom property with a relay's colour. */
export function colorOf(results: Results, name: string): string {
  const place = contenderIndex(results, name);
  return place === undefined ? 'var(--floor)' : `var(--series-${seriesIndex(place)})`;
}

/** A relay's name behind its colour. */
export function RelayName({ results, name }: { readonly results: Results; readonly name: string }) {
  const isFloor = name === NULL_RELAY;
  return (
    <>
      <span class={isFloor ? 'swatch floor' : 'swatch'} style={{ background: colorOf(results, name) }} />
      <Foreign text={name} max={40} />
    </>
  );
}

/** A wide table scrolls in its own box, and says so where it does; browsers let the keyboard reach it. */
export function Scroll({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ComponentChildren;
}) {
  return (
    <section class="scroll" aria-label={label}>
      <p class="hint" aria-hidden="true">
        Scroll sideways: there are more columns →
      </p>
      {children}
    </section>
  );
}
