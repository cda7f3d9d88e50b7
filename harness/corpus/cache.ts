import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import envPaths from 'env-paths';
import { z } from 'zod';

/** Where corpora are kept: the environment's REQBENCH_CACHE, or the user's cache folder. */
export function corpusCacheDir(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  return environment.REQBENCH_CACHE || envPaths('reqbench', { suffix: '' }).cache;
}

const sealSchema = z.object({
  /** sha256 (hex) of the file's bytes. */
  sha256: z.string(),
  /** Fingerprint of the ids in it. */
  fingerprint: z.string(),
});

export type Seal = z.infer<typeof sealSchema>;

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export const linesFile = (cacheDir: string, key: string): string => join(cacheDir, `${key}.jsonl`);

/** Stores lines and their seal; the seal comes last, so a file without one is never trusted. */
export async function storeLines(
  cacheDir: string,
  key: string,
  lines: readonly string[],
  fingerprint: string,
): Promise<string> {
  const file = linesFile(cacheDir, key);
  const bytes = jsonlBytes(lines);
  await writeAtomically(file, bytes);
  await storeSeal(cacheDir, key, { sha256: sha256Of(bytes), fingerprint });
  return file;
}

/** The bytes stored under a key. Undefined when there are none, or they aren't what was sealed. */
export async function loadSealed(
  cacheDir: string,
  key: string,
): Promise<{ readonly file: string; readonly bytes: Buffer; readonly seal: Seal } | undefined> {
  const seal = await loadSeal(cacheDir, key);
  if (seal === undefined) return undefined;
  const file = linesFile(cacheDir, key);
  const bytes = await readIfThere(file);
  return bytes && sha256Of(bytes) === seal.sha256 ? { file, bytes, seal } : undefined;
}

export async function storeSeal(cacheDir: string, key: string, seal: Seal): Promise<void> {
  await writeAtomically(sealFile(cacheDir, key), `${JSON.stringify(seal)}\n`);
}

/** The seal of a key. Undefined when there is none that can be read. */
export async function loadSeal(cacheDir: string, key: string): Promise<Seal | undefined> {
  const bytes = await readIfThere(sealFile(cacheDir, key));
  if (bytes === undefined) return undefined;
  try {
    return sealSchema.safeParse(JSON.parse(bytes.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

/** Writes a file so that a reader finds all of it or none of it. */
export async function writeAtomically(file: string, contents: string | Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const unfinished = `${file}.${randomUUID()}.unfinished`;
  try {
    await writeFile(unfinished, contents);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

export function jsonlBytes(lines: readonly string[]): Buffer {
  return Buffer.from(lines.map((line) => `${line}\n`).join(''), 'utf8');
}

const sealFile = (cacheDir: string, key: string): string => join(cacheDir, `${key}.seal.json`);

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
