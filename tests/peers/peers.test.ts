/** Relays that aren't ours, under the harness: those of reqbench.config.yaml whose programs are here. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PACKAGE_ROOT } from '../../harness/package.js';
import { resolveRelay } from '../../relays/catalog.js';
import { livingMembers, processEntry } from '../../relays/process/process-table.js';
import { relaySettings } from '../../relays/relay.js';
import { readResults, reqbench, scratchFolder } from '../reqbench.js';
import { describePeer, peerEntry } from './peer.js';

const hasProc = existsSync('/proc/self/stat');
const KNOWN_FAILURES = join(PACKAGE_ROOT, 'relays', 'external', 'known-failures.json');

/** Clauses without races, which fail in one run and pass in the next. */
const CLAUSES = ['nip01/event', 'nip01/req/refused', 'nip01/req/field-tag', 'nip11', 'nip45', 'nip70'];

/** Loading over EVENT and asking takes the slowest of them half a minute. */
const SLOW = 120_000;

/** What one of them gets wrong in first-look; every other answer is the oracle's. */
const WRONG_IN_FIRST_LOOK: Readonly<Record<string, readonly string[]>> = {
  // SQLite compares tags with LIKE: the answer to `#p` holds an event with a `P` of that value.
  khatru: ['nip01/req/matches-filter'],
};

/** The relay builder has no HTTP side, and the glue of docs/examples none either. */
const WITHOUT_NIP11 = ['nostr-relay-builder', 'nostr-relay-core'];

const PEERS = [
  'khatru',
  'khatru-lmdb',
  'khatru-next',
  'orly',
  'orly-latest',
  'nostr-rs-relay',
  'rnostr',
  'nostr-relay-builder',
  'nostr-relay-core',
  'strfry',
];

for (const name of PEERS) {
  describePeer(name, () => {
    test('it is ready, says who it is, and ends with all that it started', { timeout: SLOW }, async () => {
      const relay = resolveRelay(name, {
        allowRemote: false,
        cwd: PACKAGE_ROOT,
        entries: [peerEntry(name)],
      });
      const running = await relay.start({
        dir: scratchFolder(),
        settings: relaySettings(),
        readyWithinMs: 30_000,
      });
      onTestFinished(() => running.stop());
      expect(running.target.kind).toBe('command');
      expect(running.target.nip11 === undefined).toBe(WITHOUT_NIP11.includes(name));
      const group = hasProc ? processEntry(running.pid ?? 0)?.group : undefined;
      if (group !== undefined) expect(livingMembers(group)).not.toEqual([]);
      await running.stop();
      await running.exited;
      if (group !== undefined) expect(livingMembers(group)).toEqual([]);
    });

    test('first-look is played, and its answers are held against the oracle', { timeout: SLOW }, async () => {
      const out = join(scratchFolder(), 'out');
      const set = ['--set', 'corpus.generate.events=300', '--set', 'corpus.generate.authors=30'];
      const { stderr } = await reqbench(
        ['run', 'first-look', '--relay', name, '--no-null', '--rounds', '1', ...set, '--out', out],
        PACKAGE_ROOT,
      );
      const relay = readResults(out).relays.find((one) => one.name === name);
      expect({ status: relay?.status, error: relay?.error, stderr }).toMatchObject({ status: 'ok' });
      expect(relay?.work?.judged).toBeGreaterThan(50);
      const failed = relay?.conformance?.checks.filter(
        ({ result, level }) => result === 'failed' && level === 'MUST',
      );
      const wrong = WRONG_IN_FIRST_LOOK[name] ?? [];
      expect(failed?.map(({ id }) => id)).toEqual(wrong);
      expect(relay?.work?.equal === relay?.work?.judged).toBe(wrong.length === 0);
    });

    test('it fails in conform as is known, and not otherwise', { timeout: SLOW }, async () => {
      const { code, stdout, stderr } = await reqbench(
        ['conform', ...CLAUSES, '--relay', name, '--strict', '--known-failures', KNOWN_FAILURES],
        PACKAGE_ROOT,
      );
      expect({ code, stdout, stderr }).toMatchObject({ code: 0 });
    });
  });
}
