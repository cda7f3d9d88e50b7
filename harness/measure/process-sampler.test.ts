import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseProc, processReader } from './process-reader.js';
import { createProcessSampler, type ProcessReading } from './process-sampler.js';

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
    expect(processReader('darwin')).toBeNull();
  });

  it('can be started again, with a window of its own', () => {
    const sampler = createProcessSampler(1, { reader: { read: () => reading(100, 1) }, clock: () => 0 });
    sampler.start();
    expect(() => sampler.start()).toThrow();
    sampler.stop();
    expect(() => sampler.stop()).toThrow();
    sampler.start();
    expect(sampler.stop()).toMatchObject({ series: { rssBytes: [100, 100] } });
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
        identity: '424242',
      });
    }
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
