import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomically } from '../corpus/cache.js';
import { InputError, type InputProblem } from '../errors.js';
import type { Results } from '../results.js';
import { type Calibration, calibrationSchema } from './calibration.js';

export type Machine = Calibration['machine'];

/** What a calibration holds for: another processor, Node or reqbench has another noise. */
export function machineOf({ cpu, cores, node, reqbench }: Results['environment']): Machine {
  return { cpu, cores, node, reqbench };
}

/** Where the calibration of a machine is kept. */
export function calibrationFile(cacheDir: string, { cpu, cores, node, reqbench }: Machine): string {
  const key = createHash('sha256')
    .update(JSON.stringify([cpu, cores, node, reqbench]))
    .digest('hex');
  return join(cacheDir, `calibration-${key.slice(0, 16)}.json`);
}

/** The calibration of a machine; null where there is none that can be read and is its own. */
export function storedCalibration(cacheDir: string, machine: Machine): Calibration | null {
  try {
    const saved = calibrationSchema.safeParse(
      JSON.parse(readFileSync(calibrationFile(cacheDir, machine), 'utf8')),
    );
    return saved.data && isSame(saved.data.machine, machine) ? saved.data : null;
  } catch {
    return null;
  }
}

function isSame(a: Machine, b: Machine): boolean {
  return a.cpu === b.cpu && a.cores === b.cores && a.node === b.node && a.reqbench === b.reqbench;
}

export async function writeCalibration(file: string, calibration: Calibration): Promise<void> {
  await writeAtomically(file, `${JSON.stringify(calibration)}\n`);
}

/**
 * Reads a calibration that was written to a file.
 * @throws {InputError} when it can't be read, was cut short, or is something else
 */
export function readCalibration(file: string): Calibration {
  let saved: unknown;
  try {
    saved = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError([
      { at: { file }, message: code === 'ENOENT' ? 'no such file' : `can't be read: ${message}`, hint: HINT },
    ]);
  }
  const checked = calibrationSchema.safeParse(saved);
  if (checked.success) return checked.data;
  const [first, ...rest] = checked.error.issues.slice(0, 1).map(
    (issue): InputProblem => ({
      at: { file },
      message: `not a calibration: ${z.core.toDotPath(issue.path) || 'the file'}: ${issue.message}`,
      hint: HINT,
    }),
  );
  throw new InputError([first ?? { at: { file }, message: 'not a calibration', hint: HINT }, ...rest]);
}

const HINT = 'reqbench calibrate --output FILE writes one';
