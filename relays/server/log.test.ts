import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLog, printable } from './log.js';

test('what a terminal would obey is spelled out, and what is long is cut', () => {
  expect(printable('\u001b[2Jok\n\u009b\u202e')).toBe('\\u{001b}[2Jok\\u{000a}\\u{009b}\\u{202e}');
  expect(printable('x'.repeat(500))).toHaveLength(201);
  expect(printable('žluťoučký 🐎')).toBe('žluťoučký 🐎');
});

test('writes a line of JSON a stage, from its level up', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'reqbench-log-'));
  try {
    const file = join(folder, 'log');
    const log = await openLog('info', openSync(file, 'w'));
    log.debug('unseen');
    log.info('connected', { connection: 1, agent: printable('\u001b[31m') });
    log.warn('a filter was skipped');
    await log.close();
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    expect(log.tellsDebug).toBe(false);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: 30, msg: 'connected', connection: 1, agent: '\\u{001b}[31m' }),
      expect.objectContaining({ level: 40, msg: 'a filter was skipped' }),
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
