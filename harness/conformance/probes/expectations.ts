/** What several sections expect in the same words. */
import type { NostrEvent } from 'nostr-tools/pure';
import { quoted, shortId } from '../checks/check.js';
import type { Answer, Client, Ok } from './client.js';
import { Broken, NotArranged } from './probe.js';
import { demand, type Scene } from './scene.js';
import { idOf, named } from './wire-message.js';

/** Exactly these events, in any order. */
export function expectEvents(
  got: readonly NostrEvent[],
  wanted: readonly NostrEvent[],
  what = 'the answer',
): void {
  const gotIds = new Set(got.map(({ id }) => id));
  const wantedIds = new Set(wanted.map(({ id }) => id));
  const missing = wanted.filter(({ id }) => !gotIds.has(id));
  const excess = got.filter(({ id }) => !wantedIds.has(id));
  demand(missing.length === 0, `${what} lacks ${named(missing)}`);
  demand(excess.length === 0, `${what} holds ${named(excess)}, which should not be in it`);
}

/** Exactly these events in this order. */
export function expectSequence(got: readonly NostrEvent[], wanted: readonly NostrEvent[]): void {
  expectEvents(got, wanted);
  const inOrder = wanted.every(({ id }, index) => got[index]?.id === id);
  demand(inOrder, `the order is ${named(got)} and should be ${named(wanted)}`);
}

/** All of `wanted`, none of `unwanted`; whatever else the relay holds is its own affair. */
export function expectAmong(
  got: readonly NostrEvent[],
  wanted: readonly NostrEvent[],
  unwanted: readonly NostrEvent[],
): void {
  const ids = new Set(got.map(({ id }) => id));
  const missing = wanted.filter(({ id }) => !ids.has(id));
  const wrong = unwanted.filter(({ id }) => ids.has(id));
  demand(missing.length === 0, `the answer lacks ${named(missing)}`);
  demand(wrong.length === 0, `the answer holds ${named(wrong)}, which does not match`);
}

/** An OK that came. */
export function expectOk(client: Client, ok: Ok | undefined, what: string): Ok {
  return ok ?? client.unanswered(`no OK for ${what}`);
}

/**
 * OK true, or a refusal that doesn't call the event wrong: a relay may refuse what it likes, with `error:` where no other
 * prefix fits (NIP-01). That a prefix is there is asked by another check.
 */
export function expectAccepted(client: Client, ok: Ok | undefined, what: string): void {
  const { accepted, reason } = expectOk(client, ok, what);
  if (accepted) return;
  if (/^(invalid|duplicate):/i.test(reason)) throw new Broken(`${what} was refused: ${quoted(reason)}`);
  throw new NotArranged(`needs a relay that takes ${what}; it said ${quoted(reason)}`);
}

/** A refusal of an event, and that it is not served afterwards. */
export async function expectRefused(
  client: Client,
  event: NostrEvent,
  ok: Ok | undefined,
  what: string,
): Promise<void> {
  const { accepted } = expectOk(client, ok, what);
  demand(!accepted, `${what} was accepted`);
  const served = await client.ask({ ids: [event.id] });
  demand(!served.some(({ id }) => id === event.id), `${what} was refused, and is served all the same`);
}

/** EOSE or CLOSED: that a REQ is answered at all. */
export function expectAnswered(client: Client, answer: Answer, what: string): void {
  if (answer.by === undefined) client.unanswered(`${what} got neither EOSE nor CLOSED`);
}

/** An event that has to arrive live. */
export async function expectDelivery(
  client: Client,
  { subscription }: Answer,
  event: NostrEvent,
  why: string,
): Promise<void> {
  if (await client.delivers(subscription, event.id)) return;
  client.unanswered(
    `event ${shortId(event.id)} was accepted and never arrived for ${quoted(subscription)}, ${why}`,
  );
}

/** An event that must not arrive: judged when all that was to come has come. */
export async function expectNoDelivery(
  client: Client,
  answer: Pick<Answer, 'subscription'>,
  event: NostrEvent,
  why: string,
): Promise<void> {
  await client.settle();
  expectNotDelivered(client, answer, event, why);
}

/** An event that has not arrived. */
export function expectNotDelivered(
  client: Client,
  { subscription }: Pick<Answer, 'subscription'>,
  event: NostrEvent,
  why: string,
): void {
  const came = client.messages.some(
    (m) => m[0] === 'EVENT' && m[1] === subscription && idOf(m[2]) === event.id,
  );
  demand(!came, `event ${shortId(event.id)} arrived for ${quoted(subscription)}, ${why}`);
}

/** What a relay did with something irregular, where any way will do as long as it lives. */
export async function reactionTo(scene: Scene, client: Client, since: number): Promise<string> {
  const lives = await client.isAlive();
  if (!lives && client.isOpen)
    throw new Broken('the connection is open, and a REQ on it is not answered any more');
  const other = await scene.connect();
  demand(await other.isAlive(), 'a REQ on a new connection is not answered afterwards');
  if (!client.isOpen) return `the relay ended the connection (${quoted(client.ending ?? '')})`;
  const answers = client.messages
    .slice(since)
    .filter(([label, key]) => label !== 'EOSE' && key !== undefined);
  return answers.length === 0 ? 'no answer' : `answered by ${quoted(JSON.stringify(answers[0]))}`;
}
