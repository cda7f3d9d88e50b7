/**
 * What `reqbench calibrate` recorded on a machine: the time to EOSE of one relay, in the rounds of one run, as itself, as itself again and
 * slowed. Schema `reqbench.calibration/1`. Times in milliseconds; null where a round has too few samples for a percentile.
 */
import { z } from 'zod';
import type { ComparedFigure } from '../stats/compare.js';

export const CALIBRATION_SCHEMA = 'reqbench.calibration/1';

/** Percentiles of the time to EOSE that are calibrated. */
export const CALIBRATED = ['p50', 'p90', 'p99'] as const satisfies readonly ComparedFigure['statistic'][];
export type CalibratedStatistic = (typeof CALIBRATED)[number];

/** What the slowed selves are meant to take longer, as a share of the median time to EOSE. */
export const SLOWDOWNS = [0.05, 0.1] as const;

const figures = z.object({
  p50: z.number().positive().nullable(),
  p90: z.number().positive().nullable(),
  p99: z.number().positive().nullable(),
});

export const calibrationSchema = z.object({
  schema: z.literal(CALIBRATION_SCHEMA),
  measuredAt: z.string(),
  /** False: it was interrupted, and has fewer rounds than it was asked for. */
  complete: z.boolean(),
  machine: z.object({
    cpu: z.string(),
    cores: z.number().int().positive(),
    node: z.string(),
    reqbench: z.string(),
  }),
  scenario: z.object({
    name: z.string(),
    seed: z.number().int(),
    planFingerprint: z.string(),
    /** Rounds that a run of it plays, where the file sets them. */
    rounds: z.number().int().positive().optional(),
  }),
  /** The relay that was compared with itself. */
  relay: z.string(),
  /** Slowed selves, in the order of `slowed` of each round. */
  slowdowns: z.array(z.object({ asked: z.number().positive(), spinUs: z.number().nonnegative() })),
  rounds: z.array(
    z.object({
      round: z.number().int().positive(),
      base: figures,
      same: figures,
      slowed: z.array(figures),
    }),
  ),
  /** What spoke against the figures, as runs say it. */
  warnings: z.array(z.string()),
});

export type Calibration = z.infer<typeof calibrationSchema>;
export type CalibratedRound = Calibration['rounds'][number];

/** The rounds' ratios of one of the other selves to the first, where a round has the figure of both. */
export function ratiosOf(
  { rounds }: Pick<Calibration, 'rounds'>,
  statistic: CalibratedStatistic,
  other: (round: CalibratedRound) => CalibratedRound['same'] | undefined,
): number[] {
  return rounds.flatMap((round) => {
    const [is, was] = [other(round)?.[statistic], round.base[statistic]];
    return is && was ? [is / was] : [];
  });
}

/** The rounds' ratios of the relay to itself. */
export function equalRatios(calibration: Pick<Calibration, 'rounds'>, statistic: CalibratedStatistic) {
  return ratiosOf(calibration, statistic, ({ same }) => same);
}

/** The rounds' ratios of a slowed self to the relay. */
export function slowedRatios(
  calibration: Pick<Calibration, 'rounds'>,
  statistic: CalibratedStatistic,
  index: number,
) {
  return ratiosOf(calibration, statistic, ({ slowed }) => slowed[index]);
}
