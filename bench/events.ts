import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { parseEpoch } from '../harness/corpus/epoch.js';
import { generateCorpus } from '../harness/corpus/generate.js';
import { randomOf } from '../scripts/fuzz/random-of.js';

/** Bytes of a made event's JSON: a usual note. */
export const EVENT_BYTES = 600;

const EVENTS_PER_AUTHOR = 20;
/** Values of their tags. */
export const TOPICS = 1_000;
/** When the first of them was made. */
export const FIRST_S = 1_700_000_000;

/** Events for a store that doesn't check them: right in form, with made-up ids and signatures. */
export interface MadeEvents {
  readonly file: string;
  readonly authors: readonly string[];
}

/** Writes `count` notes of {@link EVENT_BYTES} by count/20 authors, in random order of authors, to a file in `dir`. */
export async function makeEvents(dir: string, count: number): Promise<MadeEvents> {
  const random = randomOf(1, `events ${count}`);
  const authors = Array.from({ length: Math.max(1, Math.ceil(count / EVENTS_PER_AUTHOR)) }, () => hex(32));
  const file = join(dir, `events-${count}.jsonl`);
  const stream = createWriteStream(file);
  for (let i = 0; i < count; i += 1) {
    const event = {
      id: hex(32),
      pubkey: random.pick(authors),
      created_at: FIRST_S + i,
      kind: 1,
      tags: [['t', `topic${random.below(TOPICS)}`]],
      content: '',
      sig: hex(64),
    };
    const content = 'x'.repeat(Math.max(0, EVENT_BYTES - JSON.stringify(event).length));
    if (!stream.write(`${JSON.stringify({ ...event, content })}\n`)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'close');
  return { file, authors };

  function hex(bytes: number): string {
    return random.bytes(bytes).toString('hex');
  }
}

/** The JSON of signed notes and the like: every one is stored, none replaces another. */
export async function signedEvents(count: number): Promise<readonly string[]> {
  const corpus = await generateCorpus({
    events: 2 * count,
    authors: 200,
    seed: 1,
    epochS: parseEpoch(undefined),
  });
  return corpus.lines.filter((line) => /"kind":(1|6|7),/.test(line)).slice(0, count);
}
