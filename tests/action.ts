/** A composite action as far as action.yml of this project needs it: expressions, conditions, and steps run by bash. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { parse } from 'yaml';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../harness/package.js';

const step = z.strictObject({
  name: z.string(),
  id: z.string().optional(),
  if: z.string().optional(),
  shell: z.literal('bash').optional(),
  env: z.record(z.string(), z.string()).default({}),
  run: z.string().optional(),
  uses: z.string().optional(),
  with: z.record(z.string(), z.string()).default({}),
});

const schema = z.strictObject({
  name: z.string(),
  description: z.string(),
  inputs: z.record(z.string(), z.strictObject({ description: z.string().min(1), default: z.string() })),
  outputs: z.record(z.string(), z.strictObject({ description: z.string().min(1), value: z.string() })),
  runs: z.strictObject({ using: z.literal('composite'), steps: z.array(step) }),
});

export type Action = z.infer<typeof schema>;

export const ACTION_TEXT = readFileSync(join(PACKAGE_ROOT, 'action.yml'), 'utf8');

export function readAction(): Action {
  return schema.parse(parse(ACTION_TEXT));
}

interface Context {
  readonly inputs: Readonly<Record<string, string>>;
  readonly steps: Record<string, { readonly outputs: Readonly<Record<string, string>> }>;
}

/** What GitHub would see of a job: what each step did, and what it wrote. */
export interface Played {
  /** Names of the steps that ran by bash, and of those that an action of another project would have done. */
  readonly ran: readonly string[];
  readonly code: number;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Plays the action in `dir` as GitHub does, apart from steps of other actions (`uses`), which are named alone. */
export function play(action: Action, given: Readonly<Record<string, string>>, dir: string): Played {
  const defaults = Object.entries(action.inputs).map(([name, input]) => [name, input.default]);
  const context: Context = { inputs: { ...Object.fromEntries(defaults), ...given }, steps: {} };
  const files = join(dir, '.github-files');
  mkdirSync(files, { recursive: true });
  const summaryFile = join(files, 'summary');
  writeFileSync(summaryFile, '');
  const played = { ran: [] as string[], code: 0, stdout: '', stderr: '' };
  for (const [index, one] of action.runs.steps.entries()) {
    const isAsked = one.if === undefined ? played.code === 0 : evaluate(one.if, context, played.code);
    if (!isAsked) continue;
    played.ran.push(one.name);
    if (one.run === undefined) continue;
    const outputFile = join(files, `output-${index}`);
    const script = join(files, `step-${index}.sh`);
    writeFileSync(outputFile, '');
    writeFileSync(script, one.run);
    const env = Object.entries(one.env).map(([name, text]) => [name, filled(text, context)]);
    const { status, stdout, stderr } = spawnSync(
      'bash',
      ['--noprofile', '--norc', '-eo', 'pipefail', script],
      {
        cwd: dir,
        encoding: 'utf8',
        env: {
          ...process.env,
          CI: 'true',
          GITHUB_ACTIONS: 'true',
          GITHUB_ACTION_PATH: PACKAGE_ROOT,
          GITHUB_WORKSPACE: dir,
          GITHUB_OUTPUT: outputFile,
          GITHUB_STEP_SUMMARY: summaryFile,
          ...Object.fromEntries(env),
        },
      },
    );
    played.stdout += stdout;
    played.stderr += stderr;
    if (played.code === 0) played.code = status ?? 1;
    if (one.id !== undefined)
      context.steps[one.id] = { outputs: outputsOf(readFileSync(outputFile, 'utf8')) };
  }
  const outputs = Object.entries(action.outputs).map(([name, { value }]) => [name, filled(value, context)]);
  return { ...played, outputs: Object.fromEntries(outputs), summary: readFileSync(summaryFile, 'utf8') };
}

/** A condition; without a status function in it, GitHub means `success() && …`. */
function evaluate(condition: string, context: Context, code: number): boolean {
  const isTold = /\b(always|failure|cancelled|success)\(\)/.test(condition);
  return (
    resultOf(condition, context) !== '' && Boolean(resultOf(condition, context)) && (isTold || code === 0)
  );
}

function filled(text: string, context: Context): string {
  return text.replaceAll(/\$\{\{(.*?)\}\}/g, (_, expression: string) =>
    String(resultOf(expression, context)),
  );
}

/** Expressions of action.yml are JavaScript, but for hyphens in names. */
function resultOf(expression: string, { inputs, steps }: Context): unknown {
  const script = expression
    .replaceAll(/\binputs\.([\w-]+)/g, 'inputs["$1"]')
    .replaceAll(/\bsteps\.([\w-]+)\.outputs\.([\w-]+)/g, '(steps["$1"]?.outputs["$2"] ?? "")');
  return runInNewContext(script, { inputs, steps, always: () => true });
}

function outputsOf(text: string): Record<string, string> {
  const lines = text.split('\n').filter(Boolean);
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}
