/** Rules on the stored events of an answer. */
import type { AnswerVerdict, ReceivedEvent } from '../answer.js';
import { type Check, quoted, type Ruling, shortIds } from './check.js';

export interface StoredAnswerFacts {
  readonly subscription: string;
  /** undefined: could not be judged (who the client was, or which REQ was answered, was not certain). */
  readonly verdict: AnswerVerdict | undefined;
  readonly idOf: (number: number) => string;
}

export const storedSet: Check<StoredAnswerFacts> = {
  id: 'nip01/req/stored-set',
  level: 'SHOULD',
  title: 'The stored answer is complete',
  requirement:
    'Before EOSE come the stored events that match, with a limit the newest; nothing between them is left out, and nothing beyond the limit or after EOSE is served as stored.',
  reference: 'NIP-01, From client to relay',
  rule({ subscription, verdict, idOf }) {
    if (!verdict) return 'set-aside';
    const { missing, capped, outside } = verdict;
    const name = quoted(subscription);
    if (missing.length > 0 && !capped) {
      const ids = shortIds(missing.map(({ number }) => idOf(number)));
      return { broken: `${name} lacks ${missing.length} stored events that match: ${ids}` };
    }
    if (outside.length === 0) return 'passed';
    const ids = shortIds(outside.map(({ number }) => idOf(number)));
    return {
      broken: `${name} got ${outside.length} events older than the newest that its limits ask for: ${ids}`,
    };
  },
};

export const storedAfterEose: Check<{ readonly subscription: string; readonly id: string }> = {
  ...storedSet,
  rule: ({ subscription, id }) => ({
    broken: `${quoted(subscription)} got the stored event ${id.slice(0, 12)} after EOSE`,
  }),
};

export const capped: Check<StoredAnswerFacts & { readonly received: number }> = {
  id: 'nip01/req/capped',
  level: 'INFO',
  title: 'Answers are cut short by a cap',
  requirement:
    'An answer that lacks only its oldest events was capped; NIP-01 accepts fewer events than asked for.',
  reference: 'NIP-01, From client to relay',
  rule: ({ subscription, verdict, received }) =>
    verdict?.capped
      ? {
          broken: `${quoted(subscription)} got ${received} events, ${verdict.missing.length} older ones left out`,
        }
      : 'passed',
};

export interface OrderFacts {
  readonly subscription: string;
  /** For each filter that the check is about the events that it alone answers for, in order of arrival. */
  readonly sequences: readonly (readonly ReceivedEvent[])[];
  readonly idOf: (number: number) => string;
}

export const storedOrder: Check<OrderFacts> = {
  id: 'nip01/req/stored-order',
  level: 'SHOULD',
  title: 'With a limit, newest first',
  requirement:
    'The stored events of a filter with a limit come in the order of created_at, newest first. Of filters without one NIP-01 says nothing.',
  reference: 'NIP-01, From client to relay: limit',
  rule: newestFirst,
};

export const unlimitedOrder: Check<OrderFacts> = {
  id: 'nip01/req/unlimited-order',
  level: 'INFO',
  title: 'Without a limit, in another order than newest first',
  requirement:
    'Whether the stored events of a filter without a limit come newest first too: NIP-01 leaves their order open.',
  reference: 'NIP-01, From client to relay: limit',
  rule: newestFirst,
};

function newestFirst({ subscription, sequences, idOf }: OrderFacts): Ruling {
  for (const sequence of sequences) {
    const [older, newer] = neighbours(sequence, (a, b) => a.createdAt < b.createdAt) ?? [];
    if (!older || !newer) continue;
    return {
      broken: `${quoted(subscription)} got ${shortIds([idOf(older.number)])} (created_at ${older.createdAt}) before the newer ${shortIds([idOf(newer.number)])} (${newer.createdAt})`,
    };
  }
  return 'passed';
}

export const tieOrder: Check<OrderFacts> = {
  id: 'nip01/req/tie-order',
  level: 'INFO',
  title: 'Ties are not in the order of ids',
  requirement:
    'Of the stored events of a filter with a limit that have one created_at the lowest id should come first.',
  reference: 'NIP-01, From client to relay: limit',
  rule({ subscription, sequences, idOf }) {
    for (const sequence of sequences) {
      const tie = neighbours(
        sequence,
        (a, b) => a.createdAt === b.createdAt && idOf(a.number) > idOf(b.number),
      );
      if (tie) return { broken: `${quoted(subscription)} got ties in another order than by id` };
    }
    return 'passed';
  },
};

function neighbours(
  sequence: readonly ReceivedEvent[],
  isBroken: (first: ReceivedEvent, second: ReceivedEvent) => boolean,
): readonly [ReceivedEvent, ReceivedEvent] | undefined {
  for (const [index, second] of sequence.entries()) {
    const first = sequence[index - 1];
    if (first && isBroken(first, second)) return [first, second];
  }
  return undefined;
}

export const limitKept: Check<{
  readonly subscription: string;
  /** For each filter its limit, and how many certainly stored events came that match no other filter. */
  readonly counts: readonly { readonly limit: number | undefined; readonly received: number }[];
  /** All certainly stored events that came. */
  readonly total: number;
}> = {
  id: 'nip01/req/limit',
  level: 'SHOULD',
  title: 'Limits are kept',
  requirement:
    'A filter with limit n gets at most n stored events; a REQ whose filters all have one, at most their sum.',
  reference: 'NIP-01, From client to relay: limit',
  rule({ subscription, counts, total }) {
    const over = counts.find(({ limit, received }) => limit !== undefined && received > limit);
    if (over)
      return {
        broken: `${quoted(subscription)} got ${over.received} stored events for a limit of ${over.limit}`,
      };
    const sum = counts.reduce((all, { limit }) => all + (limit ?? Number.POSITIVE_INFINITY), 0);
    if (total > sum)
      return { broken: `${quoted(subscription)} got ${total} stored events for limits of ${sum} in all` };
    return 'passed';
  },
};

export const duplicates: Check<{ readonly subscription: string; readonly repeated: number }> = {
  id: 'nip01/req/duplicates',
  level: 'INFO',
  title: 'Events come twice',
  requirement: 'An event that matches several filters, or is stored and live, may come more than once.',
  reference: 'NIP-01, From client to relay',
  rule: ({ subscription, repeated }) =>
    repeated === 0 ? 'passed' : { broken: `${quoted(subscription)} got ${repeated} events again` },
};

export const liveDelivered: Check<{
  readonly subscription: string;
  readonly id: string;
  readonly outcome: 'arrived' | 'missing' | 'not owed';
}> = {
  id: 'nip01/live/delivered',
  level: 'SHOULD',
  title: 'Live events arrive',
  requirement: 'A new event that matches an open subscription is sent to it.',
  reference: 'NIP-01, From client to relay',
  rule({ subscription, id, outcome }) {
    if (outcome === 'arrived') return 'passed';
    if (outcome === 'not owed') return 'set-aside';
    return { broken: `event ${id.slice(0, 12)} was accepted and never came to ${quoted(subscription)}` };
  },
};
