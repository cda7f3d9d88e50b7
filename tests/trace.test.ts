import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NS_PER_MS } from '../harness/clock.js';
import {
  checkTrace,
  createTraceWriter,
  readTrace,
  type TraceHeader,
  type TraceLine,
} from '../harness/trace/index.js';
import { signed } from './relays/events.js';
import { oddRelay, readResults, reqbench, scenarioFile, scratchFolder } from './reqbench.js';

const SMALL = `
name: small
corpus: { generate: { events: 200, authors: 20 } }
rounds: 1
deadline: 1s
phases:
  - { name: listen, duration: 100ms, arrivals: { closed: { clients: 2 } }, clients: [listener] }
  - { name: steady, duration: 300ms, arrivals: { constant: 50/s }, clients: [reader, writer] }
clients:
  listener: { script: [connect, { req: { as: live, filters: [{ kinds: [1], limit: 3 }], then: keep } }, { wait: 1500ms }] }
  reader:
    weight: 3
    script:
      - connect
      - req: { as: timeline, filters: [{ kinds: [1], limit: 20 }, { kinds: [7], limit: 10 }] }
  writer: { script: [connect, { publish: { kind: 1 } }] }
`;

async function linesOf(file: string): Promise<TraceLine[]> {
  const lines: TraceLine[] = [];
  for await (const line of readTrace(file)) lines.push(line);
  return lines;
}

/** A trace in the least form that is accepted. */
function minimal(...rows: readonly (readonly [number, 'sent' | 'got', unknown])[]): string {
  const file = join(scratchFolder(), 'trace.ndjson');
  const lines = rows.map(([atMs, direction, message]) => {
    return JSON.stringify({ atMs, connection: 1, direction, text: JSON.stringify(message) });
  });
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

async function failedIn(file: string, corpusFile?: string): Promise<readonly string[]> {
  const { conformance } = await checkTrace(file, { corpusFile, strict: true });
  return conformance.checks.filter(({ result }) => result === 'failed').map(({ id }) => id);
}

describe('run --trace', () => {
  test('the trace of a run gives the verdict of the run, check by check', async () => {
    const out = join(scratchFolder(), 'out');
    const { code, stderr } = await reqbench(['run', scenarioFile(SMALL), '--trace', '--out', out]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const results = readResults(out);
    expect(results.warnings.map(({ code: one }) => one)).toContain('traced');
    expect(existsSync(join(out, 'traces/null-round-1.ndjson.gz'))).toBe(false);
    for (const name of ['streaming', 'batched']) {
      const { conformance, damage, leftOut, header } = await checkTrace(
        join(out, `traces/${name}-round-1.ndjson.gz`),
        { strict: false },
      );
      expect({ damage, leftOut, relay: header.relay }).toEqual({
        damage: undefined,
        leftOut: 0,
        relay: name,
      });
      const inRun = results.relays.find((relay) => relay.name === name)?.conformance?.checks;
      for (const { id, result, seen, setAside } of conformance.checks) {
        const same = inRun?.find((check) => check.id === id);
        expect({ id, result, seen, setAside }).toEqual({
          id,
          result: same?.result,
          seen: same?.seen,
          setAside: same?.setAside,
        });
      }
    }
  }, 60_000);

  test('what failed in a run fails in its trace, also a missing answer', async () => {
    const out = join(scratchFolder(), 'out');
    const args = ['run', scenarioFile(SMALL), '--trace', '--no-null', '--out', out, '--relay'];
    await reqbench([...args, oddRelay('silent')]);
    const trace = join(out, 'traces/silent-round-1.ndjson.gz');
    const { code, stdout } = await reqbench(['check', trace]);
    expect(stdout).toContain('nip01/req/eose-once');
    expect(stdout).toMatch(/→ \["REQ"/);
    expect(code).toBe(1);
  }, 60_000);

  test('without --trace nothing is written', async () => {
    const out = join(scratchFolder(), 'out');
    await reqbench(['run', scenarioFile(SMALL), '--out', out, '--no-null', '--relay', 'batched']);
    expect(existsSync(join(out, 'traces'))).toBe(false);
    expect(readResults(out).warnings.map(({ code }) => code)).not.toContain('traced');
  }, 60_000);
});

describe('the writer', () => {
  test('keeps text, binary frames and broken UTF-8 as they came, with their times', async () => {
    const file = join(scratchFolder(), 'trace.ndjson.gz');
    const writer = createTraceWriter(file, header(), 5 * NS_PER_MS);
    writer.opened(3, 5 * NS_PER_MS);
    writer.sent(3, '["REQ","é\u2028",{}]', false, 6.25 * NS_PER_MS);
    writer.sent(3, Buffer.from('["CLOSE'), false, 6.5 * NS_PER_MS);
    writer.sent(3, Buffer.from([0xff]), true, 6.75 * NS_PER_MS);
    writer.got(3, Buffer.from('["EOSE","é\u2028"]'), false, 7 * NS_PER_MS);
    writer.got(3, Buffer.from([0xff, 0xfe]), false, 8 * NS_PER_MS);
    writer.got(3, Buffer.from('[]'), true, 9 * NS_PER_MS);
    writer.got(3, Buffer.alloc(17 * 1024 * 1024), false, 10 * NS_PER_MS);
    writer.broken(3, 'reserved bits', 11 * NS_PER_MS);
    writer.closed(3, 'relay', '1002', 12 * NS_PER_MS);
    expect(await writer.finish(13 * NS_PER_MS)).toMatchObject({ messages: 10, leftOut: 0, error: undefined });
    const records = (await linesOf(file)).flatMap((line) => (line.kind === 'record' ? [line.record] : []));
    const at = (atMs: number) => ({ atMs, connection: 3 });
    expect(records).toEqual([
      { ...at(0), direction: 'opened' },
      { ...at(1.25), direction: 'sent', text: '["REQ","é\u2028",{}]' },
      { ...at(1.5), direction: 'sent', text: '["CLOSE' },
      { ...at(1.75), direction: 'sent', frame: 'binary', base64: '/w==' },
      { ...at(2), direction: 'got', text: '["EOSE","é\u2028"]' },
      { ...at(3), direction: 'got', frame: 'text', base64: '//4=' },
      { ...at(4), direction: 'got', frame: 'binary', base64: 'W10=' },
      { ...at(5), direction: 'got', bytes: 17 * 1024 * 1024 },
      { ...at(6), direction: 'broken', problem: 'reserved bits' },
      { ...at(7), direction: 'closed', by: 'relay', detail: '1002' },
      { atMs: 8, direction: 'end' },
    ]);
  });

  test('leaves messages out and says how many rather than fill the memory', async () => {
    const file = join(scratchFolder(), 'trace.ndjson.gz');
    const writer = createTraceWriter(file, header(), 0);
    const megabyte = Buffer.alloc(1024 * 1024, 'x');
    // The compressor runs on another thread, but its callbacks need the event loop, which this doesn't give back.
    for (let i = 0; i < 100; i++) writer.got(1, megabyte, false, i);
    const { messages, leftOut } = await writer.finish(101);
    expect(messages + leftOut).toBe(100);
    expect(leftOut).toBeGreaterThan(20);
    const lines = await linesOf(file);
    expect(lines.at(-2)).toMatchObject({ record: { direction: 'left-out', messages: leftOut } });
  });

  test('a folder that cannot be written to is reported, not thrown', async () => {
    const writer = createTraceWriter(join(scratchFolder(), 'none/trace.ndjson.gz'), header(), 0);
    writer.sent(1, '[]', false, 0);
    expect((await writer.finish(0)).error).toContain('ENOENT');
  });
});

function header(): TraceHeader {
  return {
    format: 'reqbench.trace/1',
    access: 'open',
    claims: [],
    deadlineMs: 5_000,
    shared: false,
    notLoaded: [],
  };
}

describe('traces of other tools', () => {
  const event = signed({ content: 'traced' });

  test('an ordinary conversation without header, openings or corpus accuses nobody', async () => {
    const file = minimal(
      [1, 'sent', ['EVENT', event]],
      [2, 'got', ['OK', event.id, true, '']],
      [3, 'sent', ['REQ', 'r', { kinds: [1], limit: 2 }]],
      [4, 'got', ['EVENT', 'r', signed()]],
      [5, 'got', ['EVENT', 'r', signed()]],
      [6, 'got', ['EOSE', 'r']],
      [7, 'sent', ['COUNT', 'c', { kinds: [1] }]],
      [8, 'got', ['CLOSED', 'c', 'unsupported: COUNT']],
      [9, 'sent', ['EVENT', { id: 'half' }]],
      [10, 'got', ['OK', 'half', false, 'invalid: no event']],
      [11, 'sent', ['REQ', 's', 'no filter']],
      [12, 'got', ['CLOSED', 's', 'error: no filter']],
      [13, 'sent', ['REQ', 't', {}]],
    );
    expect(await failedIn(file)).toEqual([]);
    const { conformance } = await checkTrace(file, { strict: true });
    const foreign = conformance.checks.find(({ id }) => id === 'nip01/event/foreign');
    expect(foreign).toMatchObject({ result: 'not-tested', seen: 0 });
    expect(foreign?.setAside).toBeGreaterThan(0);
  });

  test('whatever a relay makes of what it need not serve accuses nobody', async () => {
    const file = minimal(
      [1, 'sent', ['REQ', 'r', { kinds: ['one'] }]],
      [2, 'got', ['NOTICE', 'what?']],
      [3, 'sent', ['REQ', 's', { kinds: [-1] }]],
      [4, 'got', ['EVENT', 's', signed()]],
      [5, 'got', ['EOSE', 's']],
      [6, 'got', ['EOSE', 's']],
      [7, 'sent', ['REQ']],
      [8, 'got', ['CLOSED', '', 'invalid: no id']],
      [6_000, 'sent', ['REQ', 'fresh', { ids: ['0'.repeat(64)] }]],
      [6_001, 'got', ['EOSE', 'fresh']],
    );
    expect(await failedIn(file)).toEqual([]);
  });

  test('what is wrong is found all the same', async () => {
    const file = minimal(
      [1, 'sent', ['REQ', 'r', { kinds: [1] }]],
      [2, 'got', ['EVENT', 'r', signed({ kind: 7 })]],
      [3, 'got', ['EOSE', 'r']],
      [4, 'got', ['EOSE', 'r']],
      [5, 'got', ['EOSE', 'nobody']],
      [6, 'got', ['NOTICE', 42]],
    );
    expect(await failedIn(file)).toEqual([
      'nip01/req/eose-once',
      'nip01/req/known-subscription',
      'nip01/req/matches-filter',
      'nip01/message/well-formed',
    ]);
  });

  test('with the corpus, holes are found', async () => {
    const events = [signed(), signed(), signed()];
    const corpus = join(scratchFolder(), 'corpus.jsonl');
    writeFileSync(corpus, events.map((each) => `${JSON.stringify(each)}\n`).join(''));
    const [oldest, , newest] = events;
    const file = minimal(
      [1, 'sent', ['REQ', 'r', { kinds: [1] }]],
      [2, 'got', ['EVENT', 'r', newest]],
      [3, 'got', ['EVENT', 'r', oldest]],
      [4, 'got', ['EOSE', 'r']],
    );
    expect(await failedIn(file, corpus)).toEqual(['nip01/req/stored-set']);
    expect(await failedIn(file)).toEqual([]);
  });

  test('a missing EOSE is judged only after a silence and a REQ that was answered', async () => {
    const asked = [1, 'sent', ['REQ', 'r', { kinds: [1] }]] as const;
    const later = (atMs: number) =>
      [
        [atMs, 'sent', ['REQ', 'fresh', { ids: ['0'.repeat(64)] }]],
        [atMs + 1, 'got', ['EOSE', 'fresh']],
      ] as const;
    expect(await failedIn(minimal(asked))).toEqual([]);
    expect(await failedIn(minimal(asked, ...later(100)))).toEqual([]);
    expect(await failedIn(minimal(asked, ...later(6_000)))).toEqual(['nip01/req/eose-once']);
  });
});

describe('a damaged trace', () => {
  const messages = 4;
  const broken = () =>
    minimal(
      [1, 'sent', ['REQ', 'r', { kinds: [1] }]],
      [2, 'got', ['EOSE', 'r']],
      [3, 'got', ['EOSE', 'r']],
      [4, 'got', ['EOSE', 'r']],
    );

  test('what stands before the damage is judged; the line is named; exit 2', async () => {
    const file = broken();
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, [...lines.slice(0, 3), '{"atMs": 4, "conn', ...lines.slice(3)].join('\n'));
    const { code, stdout, stderr } = await reqbench(['check', file]);
    expect(stdout).toContain('nip01/req/eose-once: 1 of');
    expect(stderr).toContain(`${file}:4:`);
    expect(stderr).toContain('the 3 messages before it were judged');
    expect(code).toBe(2);
  });

  test('cut off at any byte, gzipped or not, the rest is read and nothing throws', async () => {
    const whole = readFileSync(broken());
    const zipped = gzipSync(whole);
    const file = join(scratchFolder(), 'cut.ndjson');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(whole, zipped),
        fc.double({ min: 0.02, max: 0.98, noNaN: true }),
        async (bytes, share) => {
          const length = Math.max(3, Math.floor(bytes.length * share));
          writeFileSync(file, bytes.subarray(0, length));
          try {
            const report = await checkTrace(file, { strict: false });
            if (bytes === whole) {
              const complete = whole.subarray(0, length).toString().split('\n').length - 1;
              expect(report.messages).toBeGreaterThanOrEqual(complete);
            }
            expect(report.messages).toBeLessThanOrEqual(messages);
          } catch (error) {
            // Nothing could be read at all.
            expect(String(error)).toContain("can't read the trace");
          }
        },
      ),
      { numRuns: 60, seed: 4 },
    );
  });

  test('left-out messages end the judging there, and it is said', async () => {
    const file = broken();
    const lines = readFileSync(file, 'utf8').split('\n');
    const gap = JSON.stringify({ atMs: 2.5, direction: 'left-out', messages: 7 });
    writeFileSync(file, [...lines.slice(0, 2), gap, ...lines.slice(2)].join('\n'));
    expect(await failedIn(file)).toEqual([]);
    expect((await checkTrace(file, { strict: false })).leftOut).toBe(7);
  });

  test.each(['sent', 'got'] as const)(
    'a message that was %s and not kept whole ends it too',
    async (direction) => {
      const file = broken();
      const lines = readFileSync(file, 'utf8').split('\n');
      const cut = JSON.stringify({ atMs: 2.5, connection: 2, direction, bytes: 100_000 });
      writeFileSync(file, [...lines.slice(0, 2), cut, ...lines.slice(2)].join('\n'));
      const { code, stdout } = await reqbench(['check', file]);
      expect(stdout).toContain('not judged from 2.5 ms on: the trace kept only part of a message');
      expect(stdout).toContain('no check failed');
      expect(code).toBe(0);
    },
  );

  test('a message that no run reads ends nothing', async () => {
    const file = broken();
    const large = { atMs: 5, connection: 1, direction: 'got', bytes: 17 * 1024 * 1024 };
    writeFileSync(file, `${readFileSync(file, 'utf8')}${JSON.stringify(large)}\n`);
    const { conformance, partial } = await checkTrace(file, { strict: false });
    expect(partial).toBeUndefined();
    const shown = conformance.checks.filter(({ failedCases }) => failedCases > 0).map(({ id }) => id);
    expect(shown).toEqual(['nip01/req/eose-once', 'nip01/message/oversized']);
  });

  test.each([
    ['no file', 'nothing-here.ndjson', "can't read the trace"],
    ['no trace', undefined, 'no trace was given'],
  ])('%s: exit 2', async (_name, argument, words) => {
    const { code, stderr } = await reqbench(['check', ...(argument === undefined ? [] : [argument])]);
    expect(stderr).toContain(words);
    expect(code).toBe(2);
  });

  test('another file is told from a trace', async () => {
    const file = join(scratchFolder(), 'a.json');
    writeFileSync(file, '{"name": "not a trace"}\n');
    const { code, stderr } = await reqbench(['check', file]);
    expect(stderr).toContain(`${file}:1: not a record`);
    expect(code).toBe(2);
  });
});

describe('a trace in the least form', () => {
  /** The example of docs/traces.md, to be written by other tools. */
  function documented(): string {
    const docs = readFileSync(new URL('../docs/traces.md', import.meta.url), 'utf8');
    return /<!-- minimal trace: .*-->\s+```json\n([\s\S]*?)```/.exec(docs)?.[1] ?? '';
  }

  test.each([
    ['as it is', (text: string) => Buffer.from(text)],
    ['gzipped, without a telling name', (text: string) => gzipSync(text)],
    [
      'with the line ends of Windows and empty lines',
      (text: string) => Buffer.from(text.replaceAll('\n', '\r\n\r\n')),
    ],
    ['without a line feed at its end', (text: string) => Buffer.from(text.trimEnd())],
  ])('as docs/traces.md has it is read %s', async (_, bytes) => {
    const file = join(scratchFolder(), 'trace');
    writeFileSync(file, bytes(documented()));
    const report = await checkTrace(file, { strict: true });
    expect(report).toMatchObject({ messages: 3, damage: undefined, leftOut: 0, corpusFile: undefined });
    expect(report.header).toMatchObject({ access: 'open', claims: [], deadlineMs: 5000 });
    expect(await failedIn(file)).toEqual(['nip01/req/eose-once']);
  });

  test.each([
    ['[]', 'a line is a JSON object'],
    ['{"connection":1,"direction":"got","text":"[]"}', 'atMs has to be a number of milliseconds'],
    ['{"atMs":3,"direction":"got","text":"[]"}', 'connection has to be a whole number from 0 on'],
    [
      '{"atMs":3,"connection":1,"direction":"received","text":"[]"}',
      'direction has to be one of opened, sent, got',
    ],
    [
      '{"atMs":3,"connection":1,"direction":"got","text":["EOSE"]}',
      'text has to be the message that was got, as a string',
    ],
    [
      '{"atMs":3,"connection":1,"direction":"closed","by":"nobody"}',
      'the fields of closed are not those of docs/traces.md',
    ],
    [
      '{"atMs":3,"connection":1,"direction":"got","text":"[\\"EO',
      'not a line of JSON; the file was cut off or altered here',
    ],
  ])('names the line that it can not read, and what is wrong with it: %s', async (line, words) => {
    const file = join(scratchFolder(), 'trace.ndjson');
    writeFileSync(
      file,
      `${documented()}${line}\n{"atMs":9,"connection":1,"direction":"got","text":"[\\"NOTICE\\",1]"}\n`,
    );
    const { damage, messages } = await checkTrace(file, { strict: true });
    expect(damage).toMatchObject({ line: 4, problem: expect.stringContaining(words) });
    // What stands before is judged, what comes after is not.
    expect(messages).toBe(3);
    expect(await failedIn(file)).toEqual(['nip01/req/eose-once']);
  });
});

test('the end of check says which failures there are, and why some leave the exit code alone', async () => {
  const asked = [1, 'sent', ['REQ', 'r', { kinds: [1] }]] as const;
  const light = minimal(asked, [2, 'got', ['CLOSED', 'r', 'no prefix in this']]);
  const heavy = minimal(asked, [2, 'got', ['EOSE', 'r']], [3, 'got', ['EOSE', 'r']]);

  const lenient = await reqbench(['check', light]);
  expect(lenient.code).toBe(0);
  expect(lenient.stdout).toContain('1 failed (1 SHOULD)');
  expect(lenient.stdout).toMatch(
    /does not count, so this is no failure \(exit code 0\); with --strict it does\n$/,
  );

  const strict = await reqbench(['check', light, '--strict']);
  expect(strict.code).toBe(1);
  expect(strict.stdout).not.toContain('not count');

  const both = await reqbench(['check', light, heavy]);
  expect(both.code).toBe(1);
  expect(both.stdout).toContain('1 failed (1 MUST)');
  expect(both.stdout).toContain('does not count towards the exit code; with --strict it does');
});

test('what a relay says cannot steer the terminal', async () => {
  const file = minimal(
    [1, 'sent', ['REQ', 'r', { kinds: [1] }]],
    [2, 'got', ['CLOSED', 'r', '\u001b[2Jgone']],
    [3, 'got', ['EOSE', 'r']],
  );
  const { stdout } = await reqbench(['check', file]);
  expect(stdout).toContain('nip01/req/eose-once');
  expect(stdout).not.toContain('\u001b');
});

test('a gzipped trace and its plain text are the same to check', async () => {
  const plain = minimal([1, 'sent', ['REQ', 'r', {}]], [2, 'got', ['EOSE', 'r']], [3, 'got', ['EOSE', 'r']]);
  const zipped = join(scratchFolder(), 'same.gz');
  writeFileSync(zipped, gzipSync(readFileSync(plain)));
  const copy = join(scratchFolder(), 'copy.ndjson');
  copyFileSync(plain, copy);
  expect(gunzipSync(readFileSync(zipped)).equals(readFileSync(copy))).toBe(true);
  expect(await failedIn(zipped)).toEqual(await failedIn(copy));
});
