/** Rules that several mutants are made of. */
import type { Filter } from 'nostr-tools/filter';
import { type NostrEvent, validateEvent } from 'nostr-tools/pure';
import type { HttpTamper } from '../../proxy/index.js';
import type { Mutation } from './mutant.js';
import { type Elements, eachRule, eventOf, type Outgoing, oneRule, type Scene } from './scene.js';

/** A filter as a client sent it: probes send odd ones on purpose. */
export type GivenFilter = Readonly<Record<string, unknown>>;

/** The event of an EVENT message of a client, whatever its form. */
export function published([label, event]: Elements): NostrEvent | undefined {
  return label === 'EVENT' && typeof event === 'object' && event !== null ? (event as NostrEvent) : undefined;
}

/** EVENTs that are of this sort get this OK, and never reach the relay. */
export function answersEvents(
  isOfThem: (event: NostrEvent) => boolean,
  accepted: boolean,
  reason: string,
): Mutation {
  return eachRule(() => ({
    fromClient(message, scene) {
      const event = published(message);
      if (!event || !isOfThem(event)) return undefined;
      scene.say(['OK', event.id, accepted, reason]);
      return [];
    },
  }));
}

/** Changes the filters of each REQ. */
export function asksFor(change: (filters: readonly GivenFilter[]) => readonly unknown[]): Mutation {
  return eachRule(() => ({
    fromClient([label, id, ...filters]) {
      if (label !== 'REQ' || !filters.every((one) => typeof one === 'object' && one !== null))
        return undefined;
      return [['REQ', id, ...change(filters as readonly GivenFilter[])]];
    },
  }));
}

/** Changes each filter of each REQ. */
export function asksForEach(change: (filter: GivenFilter) => unknown): Mutation {
  return asksFor((filters) => filters.map(change));
}

/** REQs that are of this sort get this answer, and never reach the relay. */
export function answersReqs(
  isOfThem: (id: unknown, filters: readonly GivenFilter[]) => boolean,
  answer: (id: unknown, scene: Scene) => readonly Outgoing[],
): Mutation {
  return eachRule(() => ({
    fromClient([label, id, ...filters], scene) {
      if (label !== 'REQ' || !isOfThem(id, filters as readonly GivenFilter[])) return undefined;
      scene.say(...answer(id, scene));
      return [];
    },
  }));
}

/** Changes each message of the relay that has this label. */
export function saysInstead(
  label: string,
  change: (message: Elements, scene: Scene) => readonly Outgoing[] | undefined,
): Mutation {
  return oneRule(() => ({
    fromRelay: (message, scene) => (message[0] === label ? change(message, scene) : undefined),
  }));
}

/** Holds back the stored events of a REQ, and sends them before EOSE as `arrange` says. */
export function answersWith(
  arrange: (events: readonly NostrEvent[], filters: readonly Filter[]) => readonly NostrEvent[],
): Mutation {
  return oneRule(() => ({
    fromRelay(message, scene) {
      const seen = scene.subscription(message[1]);
      if (seen?.phase !== 'stored') return undefined;
      if (eventOf(message)) return [];
      if (message[0] !== 'EOSE') return undefined;
      return [...arrange(seen.events, seen.filters).map((event) => ['EVENT', message[1], event]), message];
    },
  }));
}

/** Leaves out events that are of this sort. */
export function withholds(isOfThem: (event: NostrEvent, phase: string | undefined) => boolean): Mutation {
  return oneRule(() => ({
    fromRelay(message, scene) {
      const got = eventOf(message);
      return got && isOfThem(got.event, scene.subscription(got.id)?.phase) ? [] : undefined;
    },
  }));
}

/** All that was published so far and has the form of an event, with what was made of it. */
export function remembering(
  makeRule: (published: readonly NostrEvent[]) => ReturnType<Parameters<typeof oneRule>[0]>,
): Mutation {
  return oneRule(() => {
    const events: NostrEvent[] = [];
    const rule = makeRule(events);
    return {
      ...rule,
      fromClient(message, scene, isBinary) {
        const event = published(message);
        const isNew = event && validateEvent(event) && !events.some(({ id }) => id === event.id);
        if (isNew) events.push(event);
        return rule.fromClient?.(message, scene, isBinary);
      },
    };
  });
}

/** Changes the information document; any other page goes through as it is. */
export function onDocument(change: (document: InformationDocument) => object): HttpTamper {
  return (answer) => {
    if (!String(answer.headers['content-type']).includes('json')) return answer;
    const document: InformationDocument = JSON.parse(answer.body.toString('utf8'));
    return { ...answer, body: Buffer.from(JSON.stringify(change(document))) };
  };
}

/** What mutants alter of it. */
interface InformationDocument {
  readonly limitation?: object;
  readonly supported_nips?: readonly number[];
}
