import { nowNs } from '../clock.js';

/** The two clocks of this machine, read at the same moment. */
export interface Clocks {
  /** As stamps have it. */
  readonly nowNs: () => number;
  /** Milliseconds since 1970. */
  readonly unixMs: () => number;
}

const SYSTEM: Clocks = { nowNs, unixMs: Date.now };

/**
 * Says at which time of day a stamp was taken, as long as stamps are of this machine's clock and of this run: a replayed
 * trace counts from an origin of its own, and then nobody knows.
 */
export class WallClock {
  readonly #createdNs: number;

  constructor(private readonly clocks: Clocks = SYSTEM) {
    this.#createdNs = clocks.nowNs();
  }

  /** Unix time in seconds; undefined for a stamp from before this clock was made, or of the future. */
  unixSOf(stampNs: number): number | undefined {
    const agoNs = this.clocks.nowNs() - stampNs;
    if (stampNs < this.#createdNs || agoNs < 0) return undefined;
    return this.clocks.unixMs() / 1e3 - agoNs / 1e9;
  }
}
