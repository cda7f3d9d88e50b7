import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { PACKAGE_ROOT } from '../harness/package.js';
import { type Results, resultsSchema } from '../harness/results.js';

const CLI = join(PACKAGE_ROOT, 'dist/bin/reqbench.js');

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder that goes when the test is over. */
export function scratchFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'reqbench-test-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Starts the compiled command line in `cwd`. */
export function start(
  args: readonly string[],
  cwd = scratchFolder(),
  env: NodeJS.ProcessEnv = process.env,
): { child: ChildProcess; finished: Promise<Finished> } {
  const child = spawn(process.execPath, [CLI, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const finished = new Promise<Finished>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, finished };
}

export function reqbench(args: readonly string[], cwd?: string, env?: NodeJS.ProcessEnv): Promise<Finished> {
  return start(args, cwd, env).finished;
}

/** Starts `reqbench serve` on a free port, until the test is over; its address. */
export function serving(...args: readonly string[]): Promise<string> {
  const { child, finished } = start(['serve', ...args, '--port', '0']);
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      const found = /ws:\/\/\S+/.exec(chunk.toString());
      if (found) resolve(found[0]);
    });
    void finished.then(({ stderr }) => reject(new Error(stderr)));
  });
}

/** results.json of a run, held against the schema. */
export function readResults(dir: string): Results {
  return resultsSchema.parse(JSON.parse(readFileSync(join(dir, 'results.json'), 'utf8')));
}

/** Writes a scenario file into a scratch folder and returns its path. */
export function scenarioFile(yaml: string): string {
  const file = join(scratchFolder(), 'scenario.yaml');
  writeFileSync(file, yaml);
  return file;
}

/** `--relay` value for tests/relays/odd-relay.mjs. */
export function oddRelay(mode: string): string {
  return testRelay('odd-relay.mjs', mode);
}

/** `--relay` value for tests/relays/bad-relay.mjs. */
export function badRelay(mode: string): string {
  return testRelay('bad-relay.mjs', mode);
}

function testRelay(script: string, mode: string): string {
  return `${mode}='${process.execPath}' '${join(PACKAGE_ROOT, 'tests/relays', script)}' {port} ${mode}`;
}
