import type { GeneratorJudgement } from '../measure/generator.js';
import { describeNetwork, type NetworkConditions } from '../proxy/index.js';
import type { Warning } from '../results.js';
import type { RelayRecord } from './relay-record.js';

/** What the run was told to do that its figures include. */
export interface Circumstances {
  readonly network: NetworkConditions | undefined;
  /** Every message was written to a trace. */
  readonly traced: boolean;
  /** Messages were judged. */
  readonly checked: boolean;
  /** The corpus is signed with keys of this run alone. */
  readonly keyNonce: string | undefined;
}

/** What a reader must know before the figures; `spoils` names the relays whose figures it spoils. */
export function warningsOf(
  records: readonly RelayRecord[],
  generators: readonly (GeneratorJudgement & { readonly relay: string })[],
  circumstances: Circumstances,
): Warning[] {
  return [
    ...shapedNetwork(circumstances),
    ...traced(circumstances),
    ...unchecked(circumstances, records),
    ...generators.flatMap(({ relay, reasons, tailReasons }) => [
      ...reasons.map((reason) => ({
        code: 'harness-bound',
        text: `harness-bound: while ${relay} was measured, ${reason}`,
        spoils: [relay],
      })),
      ...tailReasons.map((reason) => ({
        code: 'tail-harness-bound',
        text: `p90, p99 and mean of ${relay} are partly the harness's own: ${reason}`,
        spoils: [],
      })),
    ]),
    ...records.flatMap(partlyChecked),
    ...records.flatMap(refusedCorpus),
    ...records.flatMap((record) => attached(record, circumstances)),
    ...records.flatMap(lostConnections),
    ...records.flatMap(leftBehind),
  ];
}

function shapedNetwork({ network }: Circumstances): Warning[] {
  if (!network) return [];
  return [
    {
      code: 'network-shaped',
      text: `every connection went through a network of ${describeNetwork(network)}; all latencies and rates include it`,
      spoils: [],
    },
  ];
}

function traced({ traced: isOn }: Circumstances): Warning[] {
  if (!isOn) return [];
  const text =
    'every message was written to a trace; that takes time from the generator, so figures are rougher';
  return [{ code: 'traced', text, spoils: [] }];
}

function unchecked({ checked }: Circumstances, records: readonly RelayRecord[]): Warning[] {
  if (checked) return [];
  return [
    {
      code: 'unchecked',
      text: 'the answers were not checked (--no-check): whether they are right and equal is unknown, so nothing is compared or gated on them',
      spoils: records.filter(({ relay }) => !relay.floor).map(({ name }) => name),
    },
  ];
}

/** @see OrderedJudge */
function partlyChecked({
  name,
  messages: { came, judged },
}: Pick<RelayRecord, 'name' | 'messages'>): Warning[] {
  if (judged === came) return [];
  // Rounded down: what is not all is never said to be.
  const share = Math.floor((100 * judged) / came);
  return [
    {
      code: 'partly-checked',
      text: `of ${came} messages of ${name} ${judged} were checked (${share} %): the load workers had to keep too many until they could be; whether the rest is right is unknown`,
      spoils: [name],
    },
  ];
}

function refusedCorpus({ name, refusedToLoad }: RelayRecord): Warning[] {
  if (!refusedToLoad) return [];
  return [
    {
      code: 'corpus-refused',
      text: `${name} refused ${refusedToLoad.count} events of the corpus; the first with "${refusedToLoad.reason}"`,
      spoils: [name],
    },
  ];
}

function attached({ name, relay, loaded }: RelayRecord, { keyNonce }: Circumstances): Warning[] {
  if (relay.kind !== 'attached') return [];
  if (!loaded) {
    // It was to be loaded and was not: its ending says why.
    if (relay.writable) return [];
    return [
      {
        code: 'attached',
        text: `${name} is attached read-only: every round used the same process, nothing was published, and what it should answer is unknown`,
        spoils: [],
      },
    ];
  }
  const { accepted, times } = loaded;
  const rounds = times > 1 ? `, in ${times} rounds with other keys each` : '';
  return [
    {
      code: 'attached-loaded',
      text: `${name} is attached and was loaded: every round used the same process; it took ${accepted} events by throw-away keys of this run (nonce ${keyNonce})${rounds}, which stay there, and what others write to it is not judged`,
      spoils: [],
    },
  ];
}

function lostConnections({ name, losses }: RelayRecord): Warning[] {
  const total = [...losses.values()].reduce((sum, times) => sum + times, 0);
  const [first] = losses.keys();
  if (first === undefined) return [];
  return [
    {
      code: 'connections-lost',
      text: `${name} refused or ended ${total} connections; the first: ${first}`,
      spoils: [name],
    },
  ];
}

function leftBehind({ name, leftBehind: count }: RelayRecord): Warning[] {
  if (count === 0) return [];
  const processes = count === 1 ? 'a process' : `${count} processes`;
  return [
    {
      code: 'left-behind',
      text: `the command of ${name} left ${processes} behind, outside its process group, which did not end with it: reqbench ended what was left after each round; its memory and CPU may not be in the figures`,
      spoils: [],
    },
  ];
}
