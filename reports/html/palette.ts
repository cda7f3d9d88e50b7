/** Colours of the report, once for the style sheet and once for the charts, which can't read it when printing. */

export interface Theme {
  readonly page: string;
  readonly surface: string;
  readonly sunken: string;
  readonly ink: string;
  readonly soft: string;
  readonly faint: string;
  readonly line: string;
  /** At the edge of what scrolls. */
  readonly shade: string;
  readonly good: string;
  readonly bad: string;
  readonly unsure: string;
  readonly goodTint: string;
  readonly badTint: string;
  readonly unsureTint: string;
  readonly floor: string;
  /** One a relay, in order; after Okabe and Ito (2008), told apart by the colour-blind. */
  readonly series: readonly [string, ...string[]];
}

export const LIGHT: Theme = {
  page: '#fbfbfa',
  surface: '#ffffff',
  sunken: '#f3f3f1',
  ink: '#1b1d21',
  soft: '#565b64',
  faint: '#6f747c',
  line: '#e2e2de',
  shade: '#1b1d2133',
  good: '#0a6e50',
  bad: '#b3261e',
  unsure: '#865300',
  goodTint: '#e9f5f0',
  badTint: '#fcedeb',
  unsureTint: '#fdf3e0',
  floor: '#7d828b',
  series: ['#0062a8', '#c4500a', '#00805c', '#a23b84', '#7a6200', '#3d7fae'],
};

export const DARK: Theme = {
  page: '#131519',
  surface: '#1a1d22',
  sunken: '#22262c',
  ink: '#e9eaec',
  soft: '#adb2bb',
  faint: '#9096a0',
  line: '#2f343c',
  shade: '#000000b3',
  good: '#57cba0',
  bad: '#ff8d83',
  unsure: '#eab454',
  goodTint: '#16291f',
  badTint: '#331c1a',
  unsureTint: '#2e2513',
  floor: '#8d939d',
  series: ['#62b4f2', '#f7954f', '#45cfa0', '#ea96d0', '#dfc84c', '#9ccbe8'],
};

/** The theme as custom properties: `--ink`, `--series-0` and so on. */
export function customProperties(theme: Theme): string {
  const { series, ...single } = theme;
  const named = Object.entries(single).map(([name, value]) => {
    const property = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return `--${property}:${value}`;
  });
  return [...named, ...series.map((value, index) => `--series-${index}:${value}`)].join(';');
}

/** Which of the `series` colours and markers the relay at this place among the contenders has. */
export function seriesIndex(place: number): number {
  return place % LIGHT.series.length;
}
