import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PACKAGE_ROOT } from '../../harness/package.js';
import type { WorkloadRequest } from '../../harness/scenario/workload.js';
import { resolveRelay } from '../../relays/catalog.js';
import { type CannedAnswers, relaySettings } from '../../relays/relay.js';
import { randomOf } from '../../scripts/fuzz/random-of.js';
import type { BenchCase } from '../bench-case.js';
import type { ReceivingClient, ReceivingOrder, ReceivingRates } from '../receiving-clients.js';

/** JSON of an event that makes a frame of 670 B. */
const EVENT_BYTES = 650;
const EVENTS_AN_ANSWER = 500;
const ANSWERS = 80;
const WARM_UP_ANSWERS = 20;
const PASSES = 16;

const CLIENTS = {
  bare: { client: 'bare', respelled: false },
  parsing: { client: 'parsing', respelled: false },
  'harness, invariants on': { client: 'judged', respelled: false },
  'harness, on, re-serialised': { client: 'judged', respelled: true },
  'harness, invariants off': { client: 'unjudged', respelled: false },
} as const satisfies Readonly<Record<string, { client: ReceivingClient; respelled: boolean }>>;

export type ReceivingSubject = keyof typeof CLIENTS;

const SUBJECTS: readonly ReceivingSubject[] = [
  'bare',
  'parsing',
  'harness, invariants on',
  'harness, on, re-serialised',
  'harness, invariants off',
];

const PROCESS = join(PACKAGE_ROOT, 'dist/bench/receiving-clients.js');

/**
 * What the harness takes in on one connection, against a `ws` client that counts messages, from a server that is faster than
 * any of them: the null relay, which writes whole answers that lie ready.
 */
export const harnessCeiling: BenchCase<ReceivingSubject> = {
  name: 'harness-ceiling',
  title: `Events that a client takes in, frames of 670 B, ${EVENTS_AN_ANSWER} an answer (bare: a \`ws\` client that counts)`,
  subjects: SUBJECTS,
  figures: [
    {
      name: 'again',
      title: 'events per second, seen before',
      unit: '1/s',
      goal: '≥ 40 % of a bare client; re-serialised ≥ 25 %',
    },
    {
      name: 'first',
      title: 'events per second, each for the first time',
      unit: '1/s',
      goal: '≥ 40 % of a bare client; re-serialised ≥ 25 %',
    },
    { name: 'ofCpu', title: "seen before, per second of the client's CPU time", unit: '1/s' },
  ],
  async prepare(dir) {
    const answers = makeAnswers();
    const [sent, respelled] = [join(dir, 'sent.jsonl'), join(dir, 'respelled.jsonl')];
    const events = answers.flat();
    await writeFile(sent, `${events.map((event) => JSON.stringify(event)).join('\n')}\n`);
    await writeFile(respelled, `${events.map(respell).join('\n')}\n`);
    const requests = answers.map((answer, index): WorkloadRequest => {
      const filter = { kinds: [1_000 + index], limit: EVENTS_AN_ANSWER };
      const newest = answer.map((_, i) => index * EVENTS_AN_ANSWER + i);
      return {
        filters: [filter],
        filtersJson: JSON.stringify(filter),
        answers: [{ newest, complete: true }],
      };
    });
    return async (subject) => {
      const { client, respelled: isRespelled } = CLIENTS[subject];
      const canned = cannedAnswers(isRespelled ? respelled : sent, requests);
      const folder = await mkdtemp(join(dir, 'round-'));
      const cannedFile = join(folder, 'canned.json');
      await writeFile(cannedFile, JSON.stringify(canned));
      const running = await resolveRelay('null', { allowRemote: false, cwd: dir }).start({
        dir: folder,
        settings: relaySettings(),
        cannedFile,
        readyWithinMs: 30_000,
      });
      try {
        const order: ReceivingOrder = {
          url: running.target.url,
          client,
          corpusFile: sent,
          requests,
          warmUp: WARM_UP_ANSWERS,
          passes: PASSES,
        };
        return { ...(await receive(order, join(folder, 'order.json'))) };
      } finally {
        await running.stop();
        await rm(folder, { recursive: true, force: true });
      }
    };
  },
};

async function receive(order: ReceivingOrder, file: string): Promise<ReceivingRates> {
  await writeFile(file, JSON.stringify(order));
  const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, PROCESS, file]);
  return JSON.parse(stdout);
}

function cannedAnswers(corpusFile: string, requests: readonly WorkloadRequest[]): CannedAnswers {
  const answers = requests.map(({ filtersJson, answers: [answer] }) => ({
    filters: filtersJson,
    events: answer?.newest ?? [],
  }));
  return { corpusFile, answers, deliveries: [] };
}

interface MadeEvent {
  readonly id: string;
  readonly pubkey: string;
  readonly created_at: number;
  readonly kind: number;
  readonly tags: readonly (readonly string[])[];
  readonly content: string;
  readonly sig: string;
}

/** Answers of events that no other answer has, newest first; ids and signatures are made up, nobody verifies them. */
function makeAnswers(): readonly (readonly MadeEvent[])[] {
  const random = randomOf(1, 'receiving');
  const hex = (bytes: number): string => random.bytes(bytes).toString('hex');
  const authors = Array.from({ length: 1_000 }, () => hex(32));
  return Array.from({ length: WARM_UP_ANSWERS + ANSWERS }, (_, answer) =>
    Array.from({ length: EVENTS_AN_ANSWER }, (_, age) => {
      const event = {
        id: hex(32),
        pubkey: random.pick(authors),
        created_at: 1_700_000_000 - age,
        kind: 1_000 + answer,
        tags: [
          ['e', hex(32)],
          ['t', `topic${random.below(1_000)}`],
        ],
        content: '',
        sig: hex(64),
      };
      return { ...event, content: 'x'.repeat(EVENT_BYTES - JSON.stringify(event).length) };
    }),
  );
}

/** The same event as a relay may write it that parses and serialises: other keys first, spaces between. */
function respell({ id, pubkey, created_at, kind, tags, content, sig }: MadeEvent): string {
  return JSON.stringify({ content, created_at, id, kind, pubkey, sig, tags }).replace(
    /,"(created_at|id|kind|pubkey|sig|tags)":/g,
    ', "$1": ',
  );
}
