import { readFile } from 'node:fs/promises';
import type { Random } from '../../harness/corpus/random.js';
import { randomOf } from '../../scripts/fuzz/random-of.js';
import type { BenchCase } from '../bench-case.js';
import { FIRST_S, type MadeEvents, makeEvents, TOPICS } from '../events.js';
import { ENGINES, type SubjectName, withSubject } from '../subjects.js';
import { WireClient } from '../wire-client.js';
import { AUTHORS, medianOfRequestsMs } from './answers.js';

const STORED = 50_000;
const REQUESTS = 200;
const IDS = 100;

/** A shape of REQ: what makes the next filter of it. */
interface Shape {
  readonly name: string;
  readonly title: string;
  filters(events: Events): () => unknown;
}

interface Events extends MadeEvents {
  readonly ids: readonly string[];
}

/** The same REQ again and again, and then another one each time, of which little can be in any cache. */
const SHAPES: readonly Shape[] = [
  { name: 'limit500', title: 'limit 500', filters: () => () => ({ limit: 500 }) },
  { name: 'kind100', title: 'one kind, limit 100', filters: () => () => ({ kinds: [1], limit: 100 }) },
  {
    name: 'authors150',
    title: '150 authors, limit 100',
    filters: same(({ authors }) => ({ kinds: [1], authors: authors.slice(0, AUTHORS), limit: 100 })),
  },
  { name: 'ids100', title: '100 ids', filters: same(({ ids }) => ({ ids: ids.slice(0, IDS) })) },
  { name: 'tag', title: 'one tag value', filters: same(() => ({ '#t': ['topic1'], limit: 100 })) },
  {
    name: 'pages',
    title: 'another page each time, limit 500',
    filters: another((_events, random) => ({
      until: FIRST_S + 500 + random.below(STORED - 500),
      limit: 500,
    })),
  },
  {
    name: 'otherAuthors',
    title: 'other 150 authors each time, limit 100',
    filters: another(({ authors }, random) => ({
      kinds: [1],
      authors: several(random, authors, AUTHORS),
      limit: 100,
    })),
  },
  {
    name: 'otherIds',
    title: 'other 100 ids each time',
    filters: another(({ ids }, random) => ({ ids: several(random, ids, IDS) })),
  },
  {
    name: 'otherTags',
    title: 'another tag value each time',
    filters: another((_events, random) => ({ '#t': [`topic${random.below(TOPICS)}`], limit: 100 })),
  },
];

/** The same REQs over both stores. */
export const engines: BenchCase = {
  name: 'engines',
  title: `Time to EOSE over both stores, ${STORED} events stored`,
  subjects: ENGINES,
  basisOf: inMemory,
  figures: SHAPES.map(({ name, title }) => ({ name, title: `${title}, p50`, unit: 'ms' })),
  async prepare(dir) {
    const made = await makeEvents(dir, STORED);
    const lines = (await readFile(made.file, 'utf8')).trimEnd().split('\n');
    const events = { ...made, ids: lines.map((line): string => JSON.parse(line).id) };
    return (name) =>
      withSubject(name, { preloadFile: made.file }, async ({ url }) => {
        const client = await WireClient.connect(url);
        const measured: Record<string, number> = {};
        for (const shape of SHAPES) {
          measured[shape.name] = await medianOfRequestsMs(client, shape.filters(events), REQUESTS);
        }
        client.end();
        return measured;
      });
  },
};

function inMemory(subject: string): SubjectName | undefined {
  if (subject === 'streaming, LMDB') return 'streaming';
  return subject === 'batched, LMDB' ? 'batched' : undefined;
}

function same(filterOf: (events: Events) => unknown): Shape['filters'] {
  return (events) => {
    const filter = filterOf(events);
    return () => filter;
  };
}

/** The same filters in the same order for each subject. */
function another(filterOf: (events: Events, random: Random) => unknown): Shape['filters'] {
  return (events) => {
    const random = randomOf(1, 'filters');
    return () => filterOf(events, random);
  };
}

function several(random: Random, texts: readonly string[], count: number): readonly string[] {
  return Array.from({ length: count }, () => random.pick(texts));
}
