import { describe, expect, it } from 'vitest';
import { conform } from '../../harness/conformance/conform.js';
import { select } from '../../harness/conformance/conform-selection.js';
import type { CheckResult } from '../../harness/results.js';
import type { Relay, RelaySettingsInput } from '../../relays/relay.js';
import { alteredRelay } from './altering-proxy.js';

async function check(relay: Relay, id: string, settings: RelaySettingsInput = {}): Promise<CheckResult> {
  const results = await conform({
    relays: [relay],
    selection: select([id]),
    settings,
    allowedKeys: [],
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

  it('is a policy of the relay, which is no fault', async () => {
    const refuses = (reason: string) =>
      alteredRelay(() => ({ toClient: (m) => (m[0] === 'OK' ? [['OK', m[1], false, reason]] : [m]) }));
    const id = 'nip01/event/valid-accepted';
    expect(await check(refuses('blocked: not on the list'), id)).toMatchObject({ result: 'not-tested' });
    expect(await check(refuses('pow: 20 bits'), 'nip01/req/and')).toMatchObject({ result: 'not-tested' });
  });
});
