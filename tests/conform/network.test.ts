import { expect, it } from 'vitest';
import { conform } from '../../harness/conformance/conform.js';
import { select } from '../../harness/conformance/conform-selection.js';
import { withWriters } from '../../harness/conformance/conform-settings.js';
import { PACKAGE_ROOT } from '../../harness/package.js';
import { startByteProxy } from '../../harness/proxy/index.js';
import type { CheckResult } from '../../harness/results.js';
import { resolveRelay } from '../../relays/catalog.js';
import type { Relay, RunningRelay, StartOptions } from '../../relays/relay.js';

/** A relay behind a network where each message takes 0 to 20 ms, whatever the one before took. */
function farAway(name: string, seed: number): Relay {
  const near = resolveRelay(name, { allowRemote: false, cwd: PACKAGE_ROOT });
  return {
    ...near,
    async start(options: StartOptions): Promise<RunningRelay> {
      const running = await near.start(options);
      const upstream = running.target.url;
      const proxy = await startByteProxy({ upstream, network: { latencyMs: 10, jitterMs: 10 }, seed });
      return {
        ...running,
        target: { ...running.target, url: proxy.url },
        authUrl: upstream,
        async stop() {
          await proxy.close();
          await running.stop();
        },
      };
    },
  };
}

/** The results of a relay that demands AUTH and a place on its list. */
async function results(relay: Relay, clauses: readonly string[]): Promise<readonly CheckResult[]> {
  const { settings, allowedKeys } = withWriters({ access: 'managed' }, []);
  const { relays } = await conform({
    relays: [relay],
    selection: select(clauses),
    settings,
    allowedKeys,
    strict: true,
    signal: new AbortController().signal,
    watch: { onRelay: () => {}, onResult: () => {}, onRelayDone: () => {} },
  });
  return relays[0]?.conformance?.checks ?? [];
}

it('a network that jitters breaks no rule of a clean relay', async () => {
  const expectClean = async (name: string): Promise<void> => {
    const checks = await results(farAway(name, 7), []);
    const failed = checks.filter(({ result }) => result === 'failed');
    expect(failed.map(({ id, failures }) => `${name} ${id}: ${failures[0]?.message}`)).toEqual([]);
    expect(checks.filter(({ result }) => result === 'passed').length).toBeGreaterThan(150);
  };
  await Promise.all(['streaming', 'batched'].map(expectClean));
}, 180_000);

it('a challenge may be early on one connection and late on the other', async () => {
  const id = 'nip01/req/ids-per-connection';
  const seeds = [1, 2, 3, 4, 5, 6];
  const checks = await Promise.all(seeds.map((seed) => results(farAway('batched', seed), [id])));
  expect(checks.flat().map(({ result, failures }) => failures[0]?.message ?? result)).toEqual(
    seeds.map(() => 'passed'),
  );
}, 60_000);
