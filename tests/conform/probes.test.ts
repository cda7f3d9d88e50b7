import { describe, expect, it } from 'vitest';
import { conform } from '../../harness/conformance/conform.js';
import { select } from '../../harness/conformance/conform-selection.js';
import { PACKAGE_ROOT } from '../../harness/package.js';
import type { CheckResult } from '../../harness/results.js';
import { resolveRelay } from '../../relays/catalog.js';
import type { Relay, RelaySettingsInput } from '../../relays/relay.js';
import { alteredRelay } from './altering-proxy.js';

async function check(
  relay: Relay,
  id: string,
  settings: RelaySettingsInput = {},
  leastPatienceMs?: number,
): Promise<CheckResult> {
  const results = await conform({
    relays: [relay],
    selection: select([id]),
    settings,
    allowedKeys: [],
    leastPatienceMs,
    strict: true,
    signal: new AbortController().signal,
    watch: { onRelay: () => {}, onResult: () => {}, onRelayDone: () => {} },
  });
  const found = results.relays[0]?.conformance?.checks.find((one) => one.id === id);
  if (!found) throw new Error(`no result for ${id}`);
  return found;
}

const faithful = () => alteredRelay(() => ({}));

describe('what a probe needs', () => {
  it('is named where it is not there', async () => {
    const attached = { ...faithful(), writable: false };
    expect(await check(attached, 'nip01/live/matching')).toMatchObject({
      result: 'not-tested',
      note: 'needs a relay that may be written to',
    });
  });

  it('is a claim, for optional NIPs', async () => {
    expect(await check(faithful(), 'nip45/count')).toMatchObject({ result: 'not-supported' });
  });

  it('is no more subscriptions than the relay states', async () => {
    const limits = { maxSubscriptions: 20 };
    const relay = resolveRelay('streaming', { allowRemote: false, cwd: PACKAGE_ROOT });
    expect(await check(relay, 'race/replace-under-load', { limits })).toMatchObject({ result: 'passed' });
  });

  it('is a policy of the relay, which is no fault', async () => {
    const refuses = (reason: string) =>
      alteredRelay(() => ({ toClient: (m) => (m[0] === 'OK' ? [['OK', m[1], false, reason]] : [m]) }));
    const id = 'nip01/event/valid-accepted';
    expect(await check(refuses('blocked: not on the list'), id)).toMatchObject({ result: 'not-tested' });
    expect(await check(refuses('pow: 20 bits'), 'nip01/req/and')).toMatchObject({ result: 'not-tested' });
  });
});

describe('an answer that is late', () => {
  /**
   * The connection on which the round trip would be measured is cut, so that it is taken for 20 ms, and the patience is 2 s, however
   * busy the machine; every answer takes longer.
   */
  function slower(): Relay {
    let connections = 0;
    return alteredRelay(() => {
      connections += 1;
      return connections === 1 ? { isCut: true } : { delayMs: 3_000 };
    });
  }
  const PATIENCE_MS = 300;
  const ids = ['nip01/event/valid-accepted', 'transport/many-at-once', 'nip01/live/matching'];

  it.each(ids)('is waited for where the relay answers everybody late just now: %s', async (id) => {
    expect(await check(slower(), id, {}, PATIENCE_MS)).toMatchObject({ result: 'passed' });
  });

  it('is missing where it never comes, while others are answered', async () => {
    const deaf = alteredRelay(() => ({ toClient: (message) => (message[0] === 'OK' ? [] : [message]) }));
    const { result, failures } = await check(deaf, 'nip01/event/valid-accepted', {}, PATIENCE_MS);
    expect(result).toBe('failed');
    expect(failures[0]?.message).toMatch(/^no OK for a valid event within \d+ ms$/);
  });
});
