import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientConnection } from '../client/connection.js';
import type { JudgedRequest } from '../client/message.js';
import { NS_PER_MS, nowNs } from '../clock.js';
import type { Judge } from '../conformance/judge.js';

/** A REQ that matches nothing: any relay can answer it at once. */
const FRESH_REQUEST: JudgedRequest = {
  filters: [{ ids: ['0'.repeat(64)], limit: 1 }],
  filtersJson: `{"ids":["${'0'.repeat(64)}"],"limit":1}`,
  answers: [{ newest: [], complete: true }],
};

/** The subscription id of the fresh REQ. */
export const FRESH_SUBSCRIPTION = 'reqbench-fresh';

export interface QuestionTimes {
  /** How long a connection must have been silent, in ms. */
  readonly silenceMs: number;
  /** How long the fresh REQ may take, in ms. */
  readonly answerMs: number;
}

/**
 * What is missing after the load is judged only once its connection has been silent and has answered a fresh REQ
 * (conformance.md, "Late or missing"). Asks all such connections at once.
 *
 * @param fresh where a connection's wire listener finds whom to call at an EOSE
 */
export async function answerOpenQuestions(
  judge: Judge,
  connections: ReadonlyMap<number, ClientConnection>,
  fresh: Map<number, () => void>,
  times: QuestionTimes,
): Promise<void> {
  await Promise.all(
    judge.openQuestions().map(async (question) => {
      const connection = connections.get(question.connection);
      if (!connection || !(await isStillOpen(judge, question.connection, times.silenceMs))) return;
      const answered = connection.isOpen() && (await asksAgain(connection, fresh, times.answerMs));
      judge.probed(question.connection, answered, nowNs());
    }),
  );
}

/** Waits for silence; false when everything came meanwhile. */
async function isStillOpen(judge: Judge, connection: number, silenceMs: number): Promise<boolean> {
  for (;;) {
    const [question] = judge.openQuestions(connection);
    if (!question) return false;
    const silentMs = (nowNs() - question.lastGotNs) / NS_PER_MS;
    if (silentMs >= silenceMs) return true;
    await sleep(Math.min(100, silenceMs - silentMs));
  }
}

async function asksAgain(
  connection: ClientConnection,
  fresh: Map<number, () => void>,
  answerMs: number,
): Promise<boolean> {
  const answered = new Promise<true>((resolve) => {
    fresh.set(connection.connection, () => resolve(true));
  });
  connection.send(`["REQ","${FRESH_SUBSCRIPTION}",${FRESH_REQUEST.filtersJson}]`, {
    label: 'REQ',
    subscription: FRESH_SUBSCRIPTION,
    request: FRESH_REQUEST,
  });
  const inTime = await Promise.race([answered, sleep(answerMs).then(() => false)]);
  fresh.delete(connection.connection);
  return inTime;
}
