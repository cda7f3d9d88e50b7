/**
 * The one clock of a run. `process.hrtime` is the same monotonic clock in every process of a machine, so stamps
 * of workers and relays compare. A double holds it exactly to the nanosecond for 104 days of uptime.
 */
export function nowNs(): number {
  return Number(process.hrtime.bigint());
}

export const NS_PER_MS = 1e6;
