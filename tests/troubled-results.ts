/** Results of runs in which much went wrong, for the tests of everything that reads results.json. */
import type { CheckResult, Results } from '../harness/results.js';
import { conformance, EOSE, QUIET_GENERATOR, relayResult, sampleResults, TTFE } from './sample-results.js';

const HOSTILE =
  '</script><script>document.title="owned"</script><img src=x onerror=alert(1)> \u001b[2J\u001b]0;owned\u0007 \u202egnp.exe\u0000 | `a` ]]> [x](http://evil.example/) <!--';
const LONG = `${HOSTILE}${'A'.repeat(10_000)}`;

/** Everything that a relay could say is hostile, in a run where much went wrong. */
export function hostileResults(): Results {
  const whole = sampleResults();
  const name = `evil${HOSTILE}`;
  const failure: CheckResult['failures'][number] = {
    message: `EOSE came twice for ${HOSTILE}`,
    round: 2,
    connection: 7,
    excerpt: [
      { atMs: 3.25, direction: 'sent', text: '["REQ","r1",{"kinds":[1]}]' },
      { atMs: 4.5, direction: 'got', text: `["EOSE","${HOSTILE}"]` },
      { atMs: 4.75, direction: 'got', text: LONG },
      { atMs: 5, direction: 'note', text: `expected nothing more ${HOSTILE}` },
    ],
  };
  const evil = relayResult(
    name,
    { ttfe: 1.4, eose: 2.6, rssMiB: 210, seed: 400 },
    {
      target: {
        kind: 'command',
        url: 'ws://127.0.0.1:7777',
        command: HOSTILE,
        nip11: { name: LONG, [HOSTILE]: [HOSTILE] },
      },
      status: 'died',
      error: { message: `exited with code 139 ${HOSTILE}`, logTail: [HOSTILE, LONG, 'Segmentation fault'] },
      conformance: conformance({
        'nip01/req/eose-once': { result: 'failed', failedCases: 31, failures: [failure] },
        'nip01/req/stored-set': { result: 'failed', failedCases: 2, failures: [failure] },
      }),
    },
  );
  return {
    ...whole,
    complete: false,
    warnings: [
      { code: 'delayed-ack', text: `A cluster at 40 ms: ${HOSTILE}`, spoils: ['req.eose', name] },
      { code: 'reused-process', text: 'Rounds share a process: the relay is attached.', spoils: [] },
    ],
    scenario: { ...whole.scenario, name: HOSTILE, description: HOSTILE },
    relays: [...whole.relays.filter((relay) => relay.name !== 'batched'), evil],
    comparisons: [
      { ...TTFE, b: name, verdict: 'b-lower', ratio: 1.06, ci95: [1.03, 1.09], labels: { req: HOSTILE } },
      {
        ...EOSE,
        b: name,
        verdict: 'not-measurable',
        ratio: null,
        difference: null,
        ci95: null,
        reason: HOSTILE,
      },
    ],
    gates: [
      { rule: `req.eose{req=${HOSTILE}}.p99 < 1ms`, result: 'failed', actual: HOSTILE },
      {
        rule: 'memory.rss.peak < 100MiB',
        result: 'not-measurable',
        actual: 'the interval 96 to 105 MiB holds the bound',
      },
    ],
  };
}

/** One relay never started, one was interrupted, and the generator was saturated. */
export function brokenResults(): Results {
  const whole = sampleResults();
  const nothing = { metrics: [], series: [], conformance: null };
  const [streaming, batched, floor] = whole.relays;
  if (!streaming || !batched || !floor) throw new Error('the sample has three relays');
  return {
    ...whole,
    complete: false,
    rounds: whole.rounds.slice(0, 2),
    harness: {
      ...QUIET_GENERATOR,
      bound: true,
      tailBound: false,
      headroom: 1.02,
      perRelay: [{ relay: 'streaming', ...QUIET_GENERATOR, bound: true, cpu: null, headroom: null }],
    },
    relays: [
      {
        ...streaming,
        ...nothing,
        status: 'failed-to-start',
        error: {
          message: 'port 7777 is in use',
          logTail: ['listen EADDRINUSE: address already in use 127.0.0.1:7777'],
        },
      },
      { ...batched, status: 'interrupted', error: { message: 'Ctrl-C in round 3', logTail: [] } },
      floor,
    ],
    comparisons: [
      {
        ...TTFE,
        verdict: 'not-measurable',
        ratio: null,
        difference: null,
        ci95: null,
        detectable: null,
        reason: 'streaming did not start',
      },
      { ...EOSE, verdict: 'undecided', ci95: null, detectable: null, pairs: 2 },
    ],
    gates: [],
  };
}

/** Nothing was measured at all. */
export function emptyResults(): Results {
  const whole = sampleResults();
  return {
    ...whole,
    complete: false,
    rounds: [],
    relays: [],
    comparisons: [],
    gates: [],
    harness: { ...QUIET_GENERATOR, perRelay: [] },
  };
}
