import { PROBES } from './probes/catalogue.js';
import { NEEDS, type Probe } from './probes/probe.js';

/** The probes as Markdown, a table a section, for docs/conformance.md; a test holds the two together. */
export function probeTables(): string {
  const sections = new Map<string, Probe[]>();
  for (const probe of PROBES) {
    const section = probe.id.split('/').slice(0, -1).join('/');
    sections.set(section, [...(sections.get(section) ?? []), probe]);
  }
  return [...sections].map(([section, probes]) => `### ${section}\n\n${table(probes)}`).join('\n\n');
}

function table(probes: readonly Probe[]): string {
  const rows = probes.map(
    ({ id, level, title, requirement, reference, ...rest }) =>
      `| \`${id}\` | ${level} | **${cell(title)}.** ${cell(requirement)} _${cell(reference)}_ | ${cell(conditions(rest))} |`,
  );
  return ['| probe | level | requirement | only with |', '|---|---|---|---|', ...rows].join('\n');
}

function conditions({ claim, needs }: Pick<Probe, 'claim' | 'needs'>): string {
  const claimed = claim === undefined ? [] : [`NIP-${claim} claimed`];
  return [...claimed, ...needs.map((need) => NEEDS[need])].join('; ');
}

/** Text in a cell: a bar would end it, and what looks like HTML would be taken for it. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
