import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { MemoryEventStore } from './memory-store.js';
import { PreloadError, preload } from './preload.js';

const dir = mkdtempSync(join(tmpdir(), 'preload-'));
afterAll(() => rmSync(dir, { recursive: true }));

function line(n: number, kind = 1): string {
  const fields = {
    id: n.toString(16).padStart(64, '0'),
    pubkey: 'b'.repeat(64),
    created_at: n,
    kind,
    tags: [],
  };
  return JSON.stringify({ ...fields, content: '', sig: 'c'.repeat(128) });
}

function preloaded(text: string): number {
  const file = join(dir, 'events.jsonl');
  writeFileSync(file, text);
  return preload(new MemoryEventStore(), file);
}

describe('preloading', () => {
  test('takes one event a line, with any line ends, without ephemeral ones', () => {
    expect(preloaded(`${line(1)}\r\n\n${line(2)}\n${line(3, 20_000)}\n${line(4)}`)).toBe(3);
    expect(preloaded('')).toBe(0);
  });

  test.each([
    [`${line(1)}\n{`, /events\.jsonl:2: the line is not JSON/],
    [`${line(1)}\n\n{"id":1}\n`, /events\.jsonl:3: id is not 64 lower-case hex characters/],
    ['[]', /events\.jsonl:1: the event is not an object/],
  ])('names the line of what is not an event', (text, message) => {
    expect(() => preloaded(text)).toThrow(PreloadError);
    expect(() => preloaded(text)).toThrow(message);
  });

  test('names a file that is not there', () => {
    expect(() => preload(new MemoryEventStore(), join(dir, 'missing'))).toThrow(/missing.*ENOENT/s);
  });
});
