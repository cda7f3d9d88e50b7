import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { parseEpoch } from '../harness/corpus/epoch.js';
import { selectMetric } from '../harness/measure/assemble.js';
import type { Results } from '../harness/results.js';
import { run } from '../harness/run/run.js';
import { parseScenario } from '../harness/scenario/loader.js';
import { turnOrders } from '../harness/stats/order.js';
import { type Relay, RelayNotReadyError, type RunningRelay } from '../relays/relay.js';
import { readResults, reqbench, scenarioFile, scratchFolder } from './reqbench.js';

const SLICES = 4;
const REQS = 3;

const SCENARIO = `
name: sliced
corpus: { generate: { events: 50, authors: 5 } }
deadline: 500ms
phases:
  - { name: warm-up, arrivals: { closed: { clients: 1 } }, measure: false }
  - { name: steady, arrivals: { closed: { clients: 1 } }, slices: ${SLICES} }
clients:
  reader:
    script:
      - connect
      - repeat: { times: ${REQS}, do: [{ req: { as: r, filters: [{ kinds: [1], limit: 1 }] } }] }
      - disconnect
compare: [req.eose.p50]
`;

/** Turns of a round, each so many REQs: the warm-up and the slices. */
const TURNS = 1 + SLICES;

interface Asked {
  readonly relay: string;
  readonly atMs: number;
}

/** Relays in this process, which write down in one list who was asked when. */
class Relays {
  readonly asked: Asked[] = [];
  /** Called at every REQ, which the list has already; a relay that is told to die does. */
  onAsked: (relay: string, times: number) => void = () => {};
  readonly #dying = new Map<string, () => void>();

  die(relay: string): void {
    this.#dying.get(relay)?.();
  }

  relay(name: string, startsAtAll = true, whileStarting: () => void = () => {}): Relay {
    return {
      name,
      kind: 'module',
      writable: true,
      floor: false,
      start: async ({ preloadFile }) => {
        whileStarting();
        if (!startsAtAll) throw new RelayNotReadyError(name, 'it is not to be', []);
        const [event = ''] = readFileSync(preloadFile ?? '', 'utf8').split('\n');
        return this.#start(name, event);
      },
    };
  }

  async #start(name: string, event: string): Promise<RunningRelay> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    const end = (): void => {
      for (const socket of server.clients) socket.terminate();
      server.close();
    };
    const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
      this.#dying.set(name, () => {
        end();
        resolve({ code: 1, signal: null });
      });
    });
    server.on('connection', (socket) =>
      socket.on('message', (text) => this.#answer(name, socket, text, event)),
    );
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    return {
      target: { kind: 'module', url: `ws://127.0.0.1:${port}`, command: undefined, nip11: undefined },
      pid: undefined,
      preloaded: true,
      exited,
      logTail: () => [],
      onSample: () => {},
      stop: async () => end(),
    };
  }

  #answer(relay: string, socket: WebSocket, text: unknown, event: string): void {
    const [label, subscription] = JSON.parse(String(text));
    if (label !== 'REQ') return;
    this.asked.push({ relay, atMs: performance.now() });
    this.onAsked(relay, this.asked.filter((one) => one.relay === relay).length);
    socket.send(`["EVENT","${subscription}",${event}]`);
    setTimeout(() => socket.send(`["EOSE","${subscription}"]`), 5);
  }
}

function play(
  relays: readonly Relay[],
  rounds: number,
  signal = new AbortController().signal,
): Promise<Results> {
  return run({
    scenario: parseScenario(SCENARIO, 'sliced.yaml'),
    relays,
    rounds,
    seed: 1,
    epochS: parseEpoch(undefined),
    cacheDir: scratchFolder(),
    signal,
    watch: { onPreparing() {}, onRelay() {}, onLoad() {}, onNotice() {} },
    compare: [],
    gates: [],
    // What these relays answer is not what they hold.
    checked: false,
    strict: false,
  });
}

/** Who was asked, turn by turn. */
function turnsOf(asked: readonly Asked[]): string[] {
  const turns = Array.from({ length: Math.ceil(asked.length / REQS) }, (_, turn) =>
    asked.slice(turn * REQS, (turn + 1) * REQS).map(({ relay }) => relay),
  );
  return turns.map((names) => [...new Set(names)].join(' and '));
}

function measured(results: Results, relay: string, metric = 'req.eose') {
  const found = results.relays.find(({ name }) => name === relay);
  return found && selectMetric(found.metrics, metric);
}

describe('relays of a round with slices', { timeout: 60_000 }, () => {
  test('take turns in a balanced order, and never two at a time', async () => {
    const relays = new Relays();
    const results = await play(
      ['a', 'b', 'c'].map((name) => relays.relay(name)),
      2,
    );
    expect(results.complete).toBe(true);
    const turns = turnsOf(relays.asked);
    const expected = results.rounds.flatMap(({ order }) => turnOrders(order, TURNS).flat());
    expect(turns).toEqual(expected);
    expect(results.rounds.map(({ order }) => order.toSorted())).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ]);
    for (const relay of ['a', 'b', 'c']) {
      expect(measured(results, relay)).toMatchObject({ count: 2 * SLICES * REQS, labels: {} });
    }
  });

  test('have rates over their own slices: their windows together are no longer than the round', async () => {
    const relays = new Relays();
    const results = await play([relays.relay('a'), relays.relay('b')], 1);
    const windowsS = ['a', 'b'].map((relay) => {
      const perS = measured(results, relay, 'events.received.rate')?.mean ?? 0;
      return (SLICES * REQS) / perS;
    });
    const [first, last] = [relays.asked[0], relays.asked.at(-1)];
    const roundS = ((last?.atMs ?? 0) - (first?.atMs ?? 0)) / 1_000;
    expect(windowsS[0]).toBeGreaterThan(0);
    expect((windowsS[0] ?? 0) + (windowsS[1] ?? 0)).toBeLessThan(roundS);
  });

  test('one that dies in its slice ends its own part; its turns pass on', async () => {
    const relays = new Relays();
    relays.onAsked = (relay, times) => {
      if (relay === 'b' && times === 2 * REQS + 2) relays.die('b');
    };
    const results = await play([relays.relay('a'), relays.relay('b')], 2);
    expect(results.relays.map(({ name, status }) => [name, status])).toEqual([
      ['a', 'ok'],
      ['b', 'died'],
    ]);
    expect(results.relays[1]?.error?.message).toContain('ended during the round');
    expect(measured(results, 'a')?.count).toBe(2 * SLICES * REQS);
    expect(results.rounds[1]?.order).toEqual(['a']);
  });

  test('one that dies while it waits for its turn is not played any more', async () => {
    const relays = new Relays();
    relays.onAsked = (relay, times) => {
      if (relay === 'a' && times === 2 * REQS) relays.die('b');
    };
    const results = await play([relays.relay('a'), relays.relay('b')], 1);
    expect(results.relays[1]?.status).toBe('died');
    expect(measured(results, 'a')?.count).toBe(SLICES * REQS);
    expect(relays.asked.filter(({ relay }) => relay === 'b').length).toBeLessThan(TURNS * REQS);
  });

  test('one that dies while the next is started is not waited for', async () => {
    const relays = new Relays();
    // Relays by command are started one by one.
    const killing = (name: string, other: string): Relay => ({
      ...relays.relay(name, true, () => relays.die(other)),
      kind: 'command',
    });
    const results = await play([killing('a', 'b'), killing('b', 'a')], 1);
    const [first = '', second = ''] = results.rounds[0]?.order ?? [];
    expect(results.relays.find(({ name }) => name === first)?.status).toBe('died');
    expect(measured(results, second)?.count).toBe(SLICES * REQS);
  });

  test('are started at the same time where they hold their events from the start', async () => {
    const relays = new Relays();
    let begun = 0;
    let tellAll = () => {};
    const allBegun = new Promise<void>((resolve) => {
      tellAll = resolve;
    });
    const waiting = (name: string): Relay => {
      const relay = relays.relay(name);
      const start: Relay['start'] = async (options) => {
        begun += 1;
        if (begun === 3) tellAll();
        await allBegun;
        return relay.start(options);
      };
      return { ...relay, start };
    };
    const results = await play(['a', 'b', 'c'].map(waiting), 1);
    const order = results.rounds[0]?.order ?? [];
    expect(order.toSorted()).toEqual(['a', 'b', 'c']);
    expect(turnsOf(relays.asked)).toEqual(turnOrders(order, TURNS).flat());
  });

  test('one that does not start is left out, and the others go on', async () => {
    const relays = new Relays();
    const results = await play([relays.relay('a'), relays.relay('b', false), relays.relay('c')], 1);
    expect(results.relays.map(({ status }) => status)).toEqual(['ok', 'failed-to-start', 'ok']);
    expect(new Set(turnsOf(relays.asked))).toEqual(new Set(['a', 'c']));
    expect(measured(results, 'c')?.count).toBe(SLICES * REQS);
  });

  test('an interrupted run ends in the middle of a slice and keeps the rounds before', async () => {
    const relays = new Relays();
    const interrupt = new AbortController();
    relays.onAsked = (relay, times) => {
      if (relay === 'a' && times === TURNS * REQS + 2 * REQS + 1) interrupt.abort();
    };
    const results = await play([relays.relay('a'), relays.relay('b')], 3, interrupt.signal);
    expect(results.complete).toBe(false);
    expect(results.relays.map(({ status }) => status)).toEqual(['interrupted', 'interrupted']);
    expect(results.rounds).toHaveLength(2);
    for (const relay of ['a', 'b']) expect(measured(results, relay)?.count).toBe(SLICES * REQS);
  });
});

describe('the command line', { timeout: 120_000 }, () => {
  test('plays reference relays in slices, judges all of it, and writes traces', async () => {
    const out = join(scratchFolder(), 'out');
    const two = ['--relay', 'streaming', '--relay', 'again=streaming'];
    const { code, stderr } = await reqbench([
      'run',
      scenarioFile(SCENARIO),
      ...two,
      '--rounds',
      '2',
      '--trace',
      '--out',
      out,
    ]);
    expect(stderr).toContain('round 2/2');
    expect(code).toBe(0);
    const results = readResults(out);
    expect(results.rounds[0]?.order).toHaveLength(3);
    for (const relay of ['streaming', 'again', 'null']) {
      expect(measured(results, relay)?.perRound.map(({ count }) => count)).toEqual([
        SLICES * REQS,
        SLICES * REQS,
      ]);
    }
    for (const relay of ['streaming', 'again']) {
      const found = results.relays.find(({ name }) => name === relay);
      expect(found?.conformance?.failed).toBe(0);
      expect(found?.work?.judged).toBe(2 * TURNS * REQS);
      const trace = await reqbench(['check', join(out, 'traces', `${relay}-round-2.ndjson.gz`)]);
      expect(trace.code).toBe(0);
    }
  });

  test('plays until its gates are decided', async () => {
    const out = join(scratchFolder(), 'out');
    const two = ['--relay', 'streaming', '--relay', 'again=streaming', '--no-null'];
    const auto = ['--rounds', 'auto', '--gate', 'refused = 0'];
    const { code } = await reqbench(['run', scenarioFile(SCENARIO), ...two, ...auto, '--out', out]);
    expect(code).toBe(0);
    const { stopping, relays, scenario } = readResults(out);
    expect(stopping?.reason).toBe('decided');
    expect(relays.map(({ spec }) => spec)).toEqual(['streaming', 'again=streaming']);
    expect(scenario.gates).toEqual(['refused = 0']);
  });

  test('refuses several load workers', async () => {
    const { code, stderr } = await reqbench(['run', scenarioFile(SCENARIO), '--workers', '2']);
    expect(code).toBe(2);
    expect(stderr).toContain('--workers 2: slices are played by one load worker');
  });

  test('says what slices will do', async () => {
    const { code, stdout } = await reqbench(['validate', scenarioFile(SCENARIO)]);
    expect(code).toBe(0);
    expect(stdout).toContain('steady (until done, in 4 slices): 4 reader: 12 REQs');
  });
});
