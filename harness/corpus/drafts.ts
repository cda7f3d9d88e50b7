import { Articles, appDataWriter } from './addressable.js';
import type { Draft } from './draft.js';
import { reactionWriter, writeRepost, writeZap } from './interactions.js';
import { followListWriter, profileWriter, writeRelayList } from './lists.js';
import { writeDirectMessage, writeGiftWrap } from './messages.js';
import { writeNote } from './notes.js';
import { randomStream } from './random.js';
import { Scene, type Writer } from './scene.js';
import { drawSchedule } from './schedule.js';

/** What determines a generated corpus, its epoch apart. */
export interface CorpusSize {
  /** Events, versions that later ones replace included. */
  readonly events: number;
  /** Size of the population; those who publish nothing don't appear. */
  readonly authors: number;
  readonly seed: number;
}

/** The drafts of a corpus by position: everything but what depends on keys and epoch. */
export function draftCorpus(size: CorpusSize): readonly Draft[] {
  const { slots, people } = drawSchedule(size);
  const scene = new Scene(randomStream(size.seed, 'corpus/v1/drafts'), people);
  const writers = writersByKind();
  return slots.map((slot, position) => {
    const write = writers.get(slot.kind);
    if (write === undefined) throw new RangeError(`no writer for kind ${slot.kind}`);
    return { ...slot, ...write(scene, slot, position) };
  });
}

function writersByKind(): ReadonlyMap<number, Writer> {
  const articles = new Articles();
  return new Map<number, Writer>([
    [0, profileWriter()],
    [1, writeNote],
    [3, followListWriter()],
    [4, writeDirectMessage],
    [6, writeRepost],
    [7, reactionWriter(articles)],
    [1059, writeGiftWrap],
    [9735, writeZap],
    [10002, writeRelayList],
    [30023, articles.write],
    [30078, appDataWriter()],
  ]);
}
