import { conformanceOf, type JudgeReport, mergeChecks } from '../conformance/index.js';
import { mergeRecorded } from '../measure/merge-recorded.js';
import type { RoundReport, WorkerReport } from './protocol.js';

type Loss = RoundReport['losses'][number];

/** What one of several workers brought, and whose it is. */
export interface WorkerPart {
  readonly pid: number;
  readonly report: RoundReport;
}

/** The report of a round that several workers played, from those of their shares; without its trace. */
export function mergeReports(parts: readonly [WorkerPart, ...WorkerPart[]], strict: boolean): RoundReport {
  const reports = parts.map(({ report }) => report);
  return {
    phases: parts[0].report.phases,
    metrics: mergeRecorded(reports.map(({ metrics }) => metrics)),
    judge: mergeJudges(
      reports.flatMap(({ judge }) => judge ?? []),
      strict,
    ),
    expectations: mergeChecks(reports.map(({ expectations }) => expectations)),
    losses: mergeLosses(reports.flatMap(({ losses }) => losses)),
    generator: undefined,
    workers: parts.map(workerReport),
    aborted: reports.some(({ aborted }) => aborted),
  };
}

function workerReport({ pid, report }: WorkerPart): WorkerReport {
  const { generator, metrics } = report;
  return { pid, generator, lateness: metrics.filter(({ metric }) => metric === 'lateness') };
}

/** Every connection was judged by one of them, so nothing is counted twice. */
function mergeJudges(judges: readonly JudgeReport[], strict: boolean): JudgeReport | undefined {
  if (judges.length === 0) return undefined;
  const sum = (count: (judge: JudgeReport) => number) =>
    judges.reduce((total, judge) => total + count(judge), 0);
  return {
    conformance: conformanceOf(mergeChecks(judges.map(({ conformance }) => conformance.checks)), { strict }),
    lost: sum(({ lost }) => lost),
    late: sum(({ late }) => late),
    answers: {
      judged: sum(({ answers }) => answers.judged),
      equal: sum(({ answers }) => answers.equal),
      foreign: sum(({ answers }) => answers.foreign),
    },
    messages: {
      came: sum(({ messages }) => messages?.came ?? 0),
      judged: sum(({ messages }) => messages?.judged ?? 0),
    },
  };
}

function mergeLosses(losses: readonly Loss[]): Loss[] {
  const merged = new Map<string, Loss>();
  for (const loss of losses) {
    const key = `${loss.stage} ${loss.detail}`;
    merged.set(key, { ...loss, count: loss.count + (merged.get(key)?.count ?? 0) });
  }
  return [...merged.values()];
}
