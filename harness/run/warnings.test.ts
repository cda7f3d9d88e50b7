import { expect, test } from 'vitest';
import { resolveRelay } from '../../relays/catalog.js';
import type { JudgeReport } from '../conformance/index.js';
import { mergeReports } from '../load/merge-reports.js';
import type { RoundReport } from '../load/protocol.js';
import { RelayRecord } from './relay-record.js';
import { warningsOf } from './warnings.js';

const NOTHING_ODD = { network: undefined, traced: false, checked: true, keyNonce: undefined };

function workerReport(messages: JudgeReport['messages']): RoundReport {
  return {
    phases: [],
    metrics: [],
    judge: {
      conformance: { checked: 0, failed: 0, checks: [] },
      lost: 0,
      late: 0,
      answers: { judged: 1, equal: 1, foreign: 0 },
      messages,
    },
    expectations: [],
    losses: [],
    generator: undefined,
    aborted: false,
  };
}

/** The warnings of a relay that two workers judged in one round. */
function warnings(...ofWorkers: [JudgeReport['messages'], JudgeReport['messages']]) {
  const [first, second] = ofWorkers.map((messages, pid) => ({ pid, report: workerReport(messages) }));
  if (!first || !second) throw new Error('two workers');
  const record = new RelayRecord(resolveRelay('streaming', { allowRemote: false, cwd: '.' }), {
    strict: false,
    nagle: false,
    publishesCorpus: false,
  });
  const round = { status: 'ok', error: undefined, target: undefined, pid: 1, load: undefined } as const;
  const report = mergeReports([first, second], false);
  record.add(1, { ...round, report, process: undefined, machine: undefined, inside: [] });
  return warningsOf([record], [], NOTHING_ODD);
}

test('what load workers could not keep until it was judged is told, with the share that was, and spoils the relay', () => {
  expect(warnings({ came: 1_000, judged: 1_000 }, { came: 1_000, judged: 999 })).toMatchObject([
    {
      code: 'partly-checked',
      text: expect.stringContaining('of 2000 messages of streaming 1999 were checked (99 %)'),
      spoils: ['streaming'],
    },
  ]);
  expect(warnings({ came: 1_000, judged: 1_000 }, { came: 5, judged: 5 })).toEqual([]);
});
