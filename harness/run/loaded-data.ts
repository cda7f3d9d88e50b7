import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { LoadReport } from '../load/protocol.js';

/**
 * What a relay was loaded with for several rounds: either its data folder as it was after loading, of which each round begins
 * with a copy (`data: copy` in its entry), or what an attached relay has had since.
 */
export class LoadedData {
  #kept: LoadReport | undefined;

  /** `folder` is where the copy goes; it need not be there. */
  constructor(private readonly folder: string) {}

  /** What was loaded, once something was kept. */
  get report(): LoadReport | undefined {
    return this.#kept;
  }

  /** An attached relay was loaded, and goes on holding it. */
  stays(report: LoadReport): void {
    this.#kept = report;
  }

  /** Keeps what a relay that has ended left in `dir`. @throws {CopyError} */
  async keep(dir: string, report: LoadReport): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await copyContent(dir, this.folder);
    this.#kept = report;
  }

  /** Fills `dir`, which is empty. @throws {CopyError} */
  async restore(dir: string): Promise<void> {
    await copyContent(this.folder, dir);
  }
}

/** A data folder could not be copied: no room, as a rule. */
export class CopyError extends Error {
  override readonly name = 'CopyError';
}

/**
 * `cp`, since a database maps files of gigabytes of which little is written: it keeps the holes, which Node's copy fills.
 */
async function copyContent(from: string, to: string): Promise<void> {
  try {
    await promisify(execFile)('cp', ['-a', `${from}/.`, to]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CopyError(
      `its data folder could not be copied: ${reason}; take "data: copy" out of its entry, or free some room`,
    );
  }
}
