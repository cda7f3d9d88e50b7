import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FamilyTally, parseProc, parseSwitches, processReader } from './process-reader.js';
import { createProcessSampler, type ProcessReading } from './process-sampler.js';
import { parsePsLine, psReader } from './ps-reader.js';

const reading = (rssBytes: number, cpuTimeS: number, identity = 'first'): ProcessReading => ({
  rssBytes,
  anonBytes: rssBytes / 2,
  cpuTimeS,
  identity,
});

/** A sampler over the given readings, with one window of 100 ms. */
function sampleWindow(readings: readonly (ProcessReading | undefined)[]) {
  const left = [...readings];
  let atNs = 5e9;
  const sampler = createProcessSampler(1, { reader: { read: () => left.shift() }, clock: () => atNs });
  sampler.start();
  for (let step = 0; step < 2; step++) {
    atNs += 50e6;
    vi.advanceTimersByTime(50);
  }
  return sampler.stop();
}

describe('a process sampler', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('gives peaks and CPU time of the window, and series against its beginning', () => {
    expect(sampleWindow([reading(100, 7), reading(300, 7.5), reading(200, 8), reading(250, 8.25)])).toEqual({
      seen: true,
      gone: false,
      rssPeakBytes: 300,
      anonPeakBytes: 150,
      cpuTimeS: 1.25,
      series: {
        atMs: [0, 50, 100, 100],
        rssBytes: [100, 300, 200, 250],
        anonBytes: [50, 150, 100, 125],
        cpuTimeS: [0, 0.5, 1, 1.25],
      },
    });
  });

  it('has no CPU time, and no zeros, for a process that ended in the window', () => {
    expect(sampleWindow([reading(100, 7), reading(300, 7.5), undefined, undefined])).toMatchObject({
      seen: true,
      gone: true,
      rssPeakBytes: 300,
      cpuTimeS: undefined,
      series: { atMs: [0, 50], rssBytes: [100, 300] },
    });
  });

  it('does not take a later process with the same pid for the one it began with', () => {
    const samples = sampleWindow([
      reading(100, 7),
      reading(100, 7),
      reading(9999, 0, 'second'),
      reading(9999, 0),
    ]);
    expect(samples).toMatchObject({ gone: true, rssPeakBytes: 100, cpuTimeS: undefined });
  });

  it('is absent for a process that was never there, and for a platform without a reader', () => {
    expect(sampleWindow([undefined, undefined, undefined, undefined])).toEqual({
      seen: false,
      reason: 'no process 1 in the window',
    });
    const sampler = createProcessSampler(1, { reader: null });
    sampler.start();
    expect(sampler.stop()).toMatchObject({ seen: false });
    expect(processReader('win32')).toBeNull();
  });

  it('is opened and closed in turns', () => {
    const sampler = createProcessSampler(1, { reader: { read: () => reading(100, 1) }, clock: () => 0 });
    sampler.start();
    expect(() => sampler.start()).toThrow();
    sampler.stop();
    expect(() => sampler.stop()).toThrow();
  });

  it('joins the parts of a window: what the process used between them is not in it', () => {
    const left = [reading(100, 7), reading(300, 7.5), reading(900, 20), reading(200, 21)];
    let atNs = 0;
    const sampler = createProcessSampler(1, { reader: { read: () => left.shift() }, clock: () => atNs });
    sampler.start();
    atNs = 10e6;
    sampler.stop();
    atNs = 500e6;
    sampler.start();
    atNs = 520e6;
    expect(sampler.stop()).toMatchObject({
      seen: true,
      gone: false,
      rssPeakBytes: 900,
      cpuTimeS: 1.5,
      series: { atMs: [0, 10, 500, 520], rssBytes: [100, 300, 900, 200], cpuTimeS: [0, 0.5, 0.5, 1.5] },
    });
  });

  it('has no CPU time of a process that was gone in one part of the window', () => {
    const left = [reading(100, 7), reading(300, 7.5), undefined, undefined];
    const sampler = createProcessSampler(1, { reader: { read: () => left.shift() }, clock: () => 0 });
    sampler.start();
    sampler.stop();
    sampler.start();
    expect(sampler.stop()).toMatchObject({ gone: true, rssPeakBytes: 300, cpuTimeS: undefined });
  });
});

describe('reading /proc', () => {
  const status = 'Name:\tnode\nVmRSS:\t   2048 kB\nRssAnon:\t   1024 kB\nRssFile:\t   1024 kB\n';
  const stat = (command: string) =>
    `77 (${command}) S 1 77 77 0 -1 4194304 1 2 3 4 150 50 6 7 20 0 11 0 424242 1000 512 0`;

  it('takes memory in bytes and CPU time in seconds, whatever the command is called', () => {
    for (const command of ['node', 'a) S 9 (b']) {
      expect(parseProc(status, stat(command), 100)).toEqual({
        rssBytes: 2 * 1024 * 1024,
        anonBytes: 1024 * 1024,
        cpuTimeS: 2,
        userTimeS: 1.5,
        identity: '424242',
      });
    }
  });

  it('reads context switches, where there are any', () => {
    const lines = 'voluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t3\n';
    expect(parseSwitches(`${status}${lines}`)).toEqual({ voluntary: 12, involuntary: 3 });
    expect(parseSwitches(status)).toBeUndefined();
  });

  it('takes a zombie, which has no memory, for gone', () => {
    expect(parseProc('Name:\tnode\nState:\tZ (zombie)\n', stat('node'), 100)).toBeUndefined();
  });

  it.runIf(process.platform === 'linux')(
    'on Linux, sees memory and CPU time of a real process, and its end',
    async () => {
      const child = spawn(process.execPath, ['-e', 'console.log(1); for (;;) Math.random()']);
      const pid = child.pid ?? -1;
      const exited = once(child, 'exit');
      try {
        await once(child.stdout, 'data');
        const reader = processReader();
        const first = reader?.read(pid);
        await vi.waitFor(() => {
          expect(reader?.read(pid)?.cpuTimeS).toBeGreaterThan(first?.cpuTimeS ?? Number.POSITIVE_INFINITY);
        }, 10_000);
        expect(first?.rssBytes).toBeGreaterThan(1_000_000);
        expect(first?.anonBytes).toBeLessThan(first?.rssBytes ?? 0);
        child.kill();
        await exited;
        expect(reader?.read(pid)).toBeUndefined();
      } finally {
        child.kill();
        await exited;
      }
    },
  );
});

describe('a family of processes', () => {
  it('has the memory of those that live and the CPU time of all that were seen', () => {
    const tally = new FamilyTally();
    const both = [
      [1, reading(100, 5, 'relay')],
      [2, reading(50, 1, 'worker')],
    ] as const;
    expect(tally.sum(both, 'relay')).toMatchObject({ rssBytes: 150, anonBytes: 75, cpuTimeS: 6 });
    const alone = [
      [1, reading(110, 5.5, 'relay')],
      [2, undefined],
    ] as const;
    expect(tally.sum(alone, 'relay')).toMatchObject({ rssBytes: 110, cpuTimeS: 6.5, identity: 'relay' });
  });

  it.runIf(process.platform === 'linux')('counts a child that works in the relay’s stead', async () => {
    const work = 'const end = Date.now() + 400; while (Date.now() < end); console.log("done")';
    const parent = `const { spawn } = require('node:child_process');
      spawn(process.execPath, ['-e', ${JSON.stringify(work)}], { stdio: 'inherit' }); setInterval(() => {}, 1000)`;
    const child = spawn(process.execPath, ['-e', parent], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    try {
      const sampler = createProcessSampler(child.pid ?? -1, { intervalMs: 20 });
      sampler.start();
      await once(child.stdout, 'data');
      const samples = sampler.stop();
      if (!samples.seen) throw new Error(samples.reason);
      // The parent alone, which waits, takes next to nothing after its start.
      expect(samples.cpuTimeS).toBeGreaterThan(0.15);
      expect(samples.switches?.voluntary).toBeGreaterThan(0);
    } finally {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
      await exited;
    }
  });
});

describe('reading ps', () => {
  it.each([
    ['  501   1   501   2048   0:03.25 Wed Nov 25 18:00:00 2026', 3.25],
    ['  501   1   501   2048   01:02:03 Wed Nov 25 18:00:00 2026', 3723],
    ['  501   1   501   2048 2-00:00:01 Wed Nov 25 18:00:00 2026', 172_801],
  ])('takes memory and CPU time of %s', (line, cpuTimeS) => {
    expect(parsePsLine(line)).toEqual({
      pid: 501,
      parent: 1,
      group: 501,
      rssBytes: 2048 * 1024,
      cpuTimeS,
      startedAt: 'Wed Nov 25 18:00:00 2026',
    });
  });

  it('takes nothing from another line', () => {
    expect(parsePsLine('  PID  PPID  PGID    RSS     TIME STARTED')).toBeUndefined();
    expect(parsePsLine('')).toBeUndefined();
  });

  it.runIf(process.platform !== 'win32')('sees this process, without what ps doesn’t tell', () => {
    const seen = psReader().read(process.pid);
    expect(seen?.rssBytes).toBeGreaterThan(1_000_000);
    expect(seen).toMatchObject({ anonBytes: undefined, userTimeS: undefined });
    expect(psReader().contextSwitches).toBeUndefined();
    expect(psReader().read(2 ** 22 + 1)).toBeUndefined();
  });
});
