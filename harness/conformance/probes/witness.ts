import type { Filter } from 'nostr-tools/filter';
import type { ReceivedMessage, SentMessage } from '../../client/message.js';
import type { Witness } from './client.js';
import type { Subject } from './subject.js';

/** Nothing was loaded before: what a filter can be answered with is what probes publish. */
const NOTHING_LOADED = { newest: [], complete: true };

/** Shows the connections of one scene to the judge, until one of them says something irregular. */
export function createWitness({ judge, known, reader, surroundings: { clock } }: Subject): Witness {
  const connections = new Set<number>();
  let isDismissed = false;
  const sent = (connection: number, message: SentMessage): void => {
    if (isDismissed) return;
    connections.add(connection);
    judge.sent(connection, message, clock());
  };
  const got = (connection: number, read: () => ReceivedMessage): void => {
    if (isDismissed) return;
    connections.add(connection);
    judge.got(connection, read(), clock());
  };
  return {
    requested(connection, subscription, filters) {
      sent(connection, { label: 'REQ', subscription, request: judgedRequest(filters) });
    },
    published(connection, event) {
      if (isDismissed) return;
      const number = known.register(event, JSON.stringify(event));
      sent(connection, { label: 'EVENT', known: number, event });
    },
    authenticated: (connection, event) => sent(connection, { label: 'AUTH', event }),
    closeSent: (connection, subscription) => sent(connection, { label: 'CLOSE', subscription }),
    got: (connection, payload, isBinary) => got(connection, () => reader.read(payload, isBinary)),
    gotBroken: (connection, message) => got(connection, () => message),
    ended(connection, by, detail) {
      if (!isDismissed) judge.closed(connection, by, detail, clock());
      connections.delete(connection);
    },
    dismiss() {
      if (isDismissed) return;
      isDismissed = true;
      for (const connection of connections)
        judge.closed(connection, 'client', 'not judged any more', clock());
    },
  };
}

function judgedRequest(filters: readonly Filter[]) {
  return {
    filters,
    filtersJson: filters.map((filter) => JSON.stringify(filter)).join(','),
    answers: filters.map(() => NOTHING_LOADED),
  };
}
