import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientConnection } from '../client/connection.js';
import type { JudgedRequest } from '../client/message.js';
import { NS_PER_MS, nowNs } from '../clock.js';
import type { Judge } from '../conformance/judge.js';
import { FRESH_SUBSCRIPTION } from '../trace/index.js';

/** A REQ that matches nothing: any relay can answer it at once. */
const FRESH_REQUEST: JudgedRequest = {
  filters: [{ ids: ['0'.repeat(64)], limit: 1 }],
  filtersJson: `{"ids":["${'0'.repeat(64)}"],"limit":1}`,
  answers: [{ newest: [], complete: true }],
};

/** A relay that leaves the fresh REQ unanswered for so long answers nobody, however busy its machine. */
const LEAST_ANSWER_MS = 10_000;
/** What is missing has had time for so many round trips as they are by then, as with probes. */
const ROUND_TRIPS = 100;
/** No connection has to be silent for any longer, unless its deadline is. */
const LONGEST_SILENCE_MS = 10_000;
/** A relay that never falls silent is waited for so many deadlines where nobody's script goes on, and so many for what is missing. */
export const MOST_DEADLINES = 20;
const TURN_MS = 100;

export interface OpenQuestions {
  readonly judge: Judge;
  readonly connections: ReadonlyMap<number, ClientConnection>;
  /** Where a connection's wire listener finds whom to call at an answer to the fresh REQ. */
  readonly fresh: Map<number, () => void>;
  /** How long a connection must have been silent, at least, and the fresh REQ may take, at least, in ms. */
  readonly deadlineMs: number;
  /** The round was given up: nothing is waited for any longer. */
  readonly isAborted: () => boolean;
}

/**
 * What is missing after the load is judged only once its connection has been silent and has answered a fresh REQ
 * (conformance.md, "Late or missing"). Where that answer shows that relay or machine are slow just now, the silence has to be
 * as much longer. A connection that is never silent is asked all the same, in the end. Asks all such connections at once.
 */
export async function answerOpenQuestions(open: OpenQuestions): Promise<void> {
  const { judge, connections } = open;
  await Promise.all(
    judge.openQuestions().map(async (question) => {
      const connection = connections.get(question.connection);
      if (!connection) return;
      const answered = await settled(connection, open);
      if (answered !== undefined) judge.probed(question.connection, answered, nowNs());
    }),
  );
}

/** Whether the fresh REQ was answered, when what is missing then is missing; undefined when nothing is missing any more. */
async function settled(connection: ClientConnection, open: OpenQuestions): Promise<boolean | undefined> {
  const longestMs = Math.max(LONGEST_SILENCE_MS, open.deadlineMs);
  const untilNs = nowNs() + MOST_DEADLINES * open.deadlineMs * NS_PER_MS;
  for (let silenceMs = open.deadlineMs; ; ) {
    if (!(await isStillMissing(connection.connection, silenceMs, untilNs, open))) return undefined;
    const tookMs = connection.isOpen() ? await askAgain(connection, open) : undefined;
    if (tookMs === undefined) return false;
    const neededMs = Math.min(longestMs, ROUND_TRIPS * tookMs);
    if (neededMs <= silenceMs || nowNs() >= untilNs) return true;
    silenceMs = neededMs;
  }
}

/** Waits for silence, or until the time is over; false when everything came meanwhile, or the round was given up. */
async function isStillMissing(
  connection: number,
  silenceMs: number,
  untilNs: number,
  { judge, isAborted }: OpenQuestions,
): Promise<boolean> {
  while (!isAborted()) {
    const [question] = judge.openQuestions(connection);
    if (!question) return false;
    const silentMs = (nowNs() - question.lastGotNs) / NS_PER_MS;
    if (silentMs >= silenceMs || nowNs() >= untilNs) return true;
    await sleep(Math.min(TURN_MS, silenceMs - silentMs));
  }
  return false;
}

/** How long a fresh REQ takes on this connection, in ms; undefined when it is not answered. */
async function askAgain(
  { connection, send }: ClientConnection,
  { fresh, deadlineMs, isAborted }: OpenQuestions,
): Promise<number | undefined> {
  const sentNs = nowNs();
  let tookMs: number | undefined;
  const answered = new Promise<void>((resolve) => {
    fresh.set(connection, () => {
      tookMs ??= (nowNs() - sentNs) / NS_PER_MS;
      resolve();
    });
  });
  send(`["REQ","${FRESH_SUBSCRIPTION}",${FRESH_REQUEST.filtersJson}]`, {
    label: 'REQ',
    subscription: FRESH_SUBSCRIPTION,
    request: FRESH_REQUEST,
  });
  // Turns are counted, not time: what waits to be read while this process stands still was answered all the same.
  const turns = Math.ceil(Math.max(LEAST_ANSWER_MS, deadlineMs) / TURN_MS);
  for (let turn = 0; turn < turns && tookMs === undefined && !isAborted(); turn += 1) {
    await Promise.race([answered, sleep(TURN_MS)]);
  }
  fresh.delete(connection);
  return tookMs;
}
