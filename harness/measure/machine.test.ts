import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { disturbances } from './machine.js';
import { cpuOfFamily, type MachineReading, machineReader, parseMachine } from './machine-reader.js';
import { createMachineWatch } from './machine-watch.js';
import { parseStatLine, serverFamily } from './stat-lines.js';

const STAT = `cpu  1000 200 300 9000 50 7 70 40 0 0
cpu0 500 100 150 4500 25 4 35 20 0 0
cpu1 500 100 150 4500 25 3 35 20 0 0
ctxt 7638610
procs_running 3
procs_blocked 0
`;
const PRESSURE = `some avg10=83.18 avg60=81.43 avg300=68.55 total=2500000
full avg10=0.00 avg60=0.00 avg300=0.00 total=0
`;

describe('parseMachine', () => {
  it('reads time over all cores, without interrupts and idling, and what waits', () => {
    expect(parseMachine(STAT, PRESSURE, 100)).toEqual({
      cores: 2,
      busyS: 15,
      stolenS: 0.4,
      runnable: 3,
      waitingS: 2.5,
    });
  });

  it('has no figure for what the kernel does not tell', () => {
    expect(parseMachine(STAT, undefined, 100)?.waitingS).toBeUndefined();
    expect(parseMachine(undefined, PRESSURE, 100)).toBeUndefined();
    expect(parseMachine('cpu  1 2 3\n', PRESSURE, 100)).toBeUndefined();
  });

  it('reads this machine', () => {
    expect(machineReader('linux')?.read()).toMatchObject({ busyS: expect.any(Number) });
    expect(machineReader('darwin')).toBeNull();
  });
});

describe('the CPU time of a family', () => {
  const line = (pid: number, parent: number, group: number, cpuTicks: number) => ({
    pid,
    parent,
    group,
    cpuTicks,
  });

  it('is that of the root, of all that descends from it, and of the groups of others that belong to it', () => {
    const table = [line(1, 0, 1, 1000), line(10, 1, 10, 1), line(11, 10, 10, 2), line(12, 11, 12, 4)];
    expect(cpuOfFamily(table, 10, [])).toBe(7);
    const daemon = [
      ...table,
      line(50, 1, 50, 8),
      line(51, 1, 50, 16),
      line(52, 51, 52, 32),
      line(60, 1, 60, 64),
    ];
    expect(cpuOfFamily(daemon, 10, [51])).toBe(7 + 8 + 16 + 32);
  });

  it('is read from a line with any name in it', () => {
    const stat = '42 (a) (b c)) S 1 42 42 0 -1 0 0 0 0 0 100 20 3 4 20 0 1 0 777 0';
    expect(parseStatLine(42, stat)).toEqual({ pid: 42, parent: 1, group: 42, cpuTicks: 127 });
    expect(parseStatLine(process.pid, readFileSync('/proc/self/stat', 'latin1'))?.parent).toBe(process.ppid);
    expect(parseStatLine(42, '')).toBeUndefined();
  });
});

describe('the family of a server', () => {
  const kin = (pid: number, parent: number, group: number) => ({ pid, parent, group });

  it('is what descends from it and what shares its group, but not the shell that started it', () => {
    const shell = kin(10, 1, 10);
    const wrapper = kin(11, 10, 10);
    const relay = kin(12, 11, 10);
    const worker = kin(13, 12, 10);
    const detached = kin(14, 13, 14);
    const database = kin(20, 10, 10);
    const stranger = kin(30, 1, 30);
    const table = [kin(1, 0, 1), shell, wrapper, relay, worker, detached, database, stranger];
    expect(serverFamily(12, table).sort()).toEqual([12, 13, 14, 20]);
  });

  it('is itself where nothing is known', () => {
    expect(serverFamily(12, [])).toEqual([12]);
  });
});

describe('a machine watch', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function watch(windowS: number, to: Partial<MachineReading>, ownS: number) {
    const from: MachineReading = { cores: 2, busyS: 10, stolenS: 1, runnable: 2, waitingS: 4 };
    let atNs = 0;
    let reading = from;
    let own = 5;
    const machine = createMachineWatch({
      reader: { read: () => reading, cpuOf: () => own },
      clock: () => atNs,
    });
    machine.start();
    atNs = windowS * 1e9;
    reading = { ...from, ...to };
    own += ownS;
    vi.advanceTimersByTime(100);
    return machine.stop();
  }

  it('tells what others took, as a share of all cores', () => {
    const load = watch(1, { busyS: 11.5, stolenS: 1.1, runnable: 5, waitingS: 4.25 }, 0.9);
    expect(load?.others).toBeCloseTo(0.3);
    expect(load?.steal).toBeCloseTo(0.05);
    expect(load?.runQueue).toBe(5);
    expect(load?.pressure).toBeCloseTo(0.25);
    expect(disturbances(load ?? { others: 0, steal: 0, runQueue: null, pressure: null })).toHaveLength(2);
  });

  it('does not count the run itself, nor what rounds below nothing', () => {
    const load = watch(1, { busyS: 11.5 }, 1.6);
    expect(load).toMatchObject({ others: 0, steal: 0 });
    expect(load && disturbances(load)).toEqual([]);
  });

  it('counts the parts of a window together, and not what happened between them', () => {
    const first: MachineReading = { cores: 2, busyS: 10, stolenS: 0, runnable: 2, waitingS: 4 };
    const moments = [
      { reading: first, atS: 0 },
      { reading: { ...first, busyS: 10.05 }, atS: 0.15 },
      { reading: { ...first, busyS: 90, stolenS: 5, waitingS: 60 }, atS: 60 },
      { reading: { ...first, busyS: 90.07, stolenS: 5, waitingS: 60.03 }, atS: 60.15 },
    ];
    let now = moments[0];
    const machine = createMachineWatch({
      reader: { read: () => now?.reading, cpuOf: () => 0 },
      clock: () => (now?.atS ?? 0) * 1e9,
    });
    machine.start();
    now = moments[1];
    expect(machine.stop()).toBeUndefined();
    now = moments[2];
    machine.start();
    now = moments[3];
    const load = machine.stop();
    expect(load?.others).toBeCloseTo(0.12 / 0.6);
    expect(load?.steal).toBe(0);
    expect(load?.pressure).toBeCloseTo(0.03 / 0.3);
  });

  it('is silent over a window that ticks of the kernel can’t tell, and without a reader', () => {
    expect(watch(0.1, { busyS: 10.2 }, 0)).toBeUndefined();
    const machine = createMachineWatch({ reader: null });
    machine.start();
    expect(machine.stop()).toBeUndefined();
  });
});
