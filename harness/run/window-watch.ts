import { createMachineWatch } from '../measure/machine-watch.js';
import { createProcessSampler, type ProcessSamples } from '../measure/process-sampler.js';
import type { MachineLoad } from '../results.js';

/** How often the relay's process is looked at from outside. */
const SAMPLE_EVERY_MS = 50;

/** What was seen from outside while the measured window was open, in all its parts together. */
export interface WindowSeen {
  /** Undefined for a relay whose process isn't known. */
  readonly process: ProcessSamples | undefined;
  readonly machine: MachineLoad | undefined;
}

/** Watches a relay's process and the machine while the measured window is open. */
export class WindowWatch {
  readonly #sampler;
  readonly #machine;
  #isOpen = false;
  #seen: WindowSeen = { process: undefined, machine: undefined };

  constructor(pid: number | undefined) {
    this.#sampler =
      pid === undefined ? undefined : createProcessSampler(pid, { intervalMs: SAMPLE_EVERY_MS });
    // What the process of an attached relay takes can't be told from what others take.
    this.#machine = pid === undefined ? undefined : createMachineWatch({ own: [pid] });
  }

  get seen(): WindowSeen {
    return this.#seen;
  }

  turn(open: boolean): void {
    if (open === this.#isOpen) return;
    this.#isOpen = open;
    if (open) {
      this.#machine?.start();
      this.#sampler?.start();
    } else {
      this.#seen = { process: this.#sampler?.stop(), machine: this.#machine?.stop() };
    }
  }
}
