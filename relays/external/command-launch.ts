import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ProcessGroup, spawnGroup } from '../process/process-group.js';
import { RelayNotReadyError } from '../relay.js';
import { type CommandValues, commandLine, filledIn } from './command-line.js';
import { guardGroup } from './guard.js';
import { endMarked, MARK } from './marked-processes.js';
import type { CommandTarget } from './relay-entry.js';

/** Starts and ends the commands of one start of a relay: the relay's own, and that of its import. */
export class CommandLaunch {
  readonly #mark = randomUUID();
  readonly #values: CommandValues;
  readonly #dismissals = new Map<number, () => void>();
  #isConfigWritten = false;

  constructor(
    private readonly name: string,
    private readonly target: CommandTarget,
    values: CommandValues,
  ) {
    const { config } = target;
    this.#values = config ? { ...values, config: join(values.dir, config.name) } : values;
  }

  /** @throws {RelayNotReadyError} when there is no shell, or the configuration file can't be written */
  async spawn(command: string): Promise<ProcessGroup> {
    const { cwd, env } = this.target;
    try {
      await this.#writeConfig();
      const group = await spawnGroup('/bin/sh', ['-c', commandLine(command, this.#values)], {
        stdio: ['ignore', 'pipe', 'pipe'],
        cwd,
        env: { ...process.env, ...this.#filled(env), [MARK]: this.#mark },
      });
      this.#dismissals.set(group.pid, guardGroup(group.pid));
      return group;
    } catch (error) {
      throw new RelayNotReadyError(this.name, error instanceof Error ? error.message : String(error), []);
    }
  }

  /** Ends the group, then what it started and put elsewhere, and returns how many those were. Safe to call twice. */
  async stop(group: ProcessGroup): Promise<number> {
    await group.stop(this.target.stopWithinMs);
    const leftBehind = await endMarked(this.#mark);
    this.#dismissals.get(group.pid)?.();
    this.#dismissals.delete(group.pid);
    return leftBehind;
  }

  #filled(env: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(Object.entries(env).map(([key, text]) => [key, filledIn(text, this.#values)]));
  }

  async #writeConfig(): Promise<void> {
    const { config } = this.target;
    if (!config || this.#isConfigWritten || this.#values.config === undefined) return;
    await writeFile(this.#values.config, filledIn(config.text, this.#values));
    this.#isConfigWritten = true;
  }
}
