import { isOwn, type Relay, type RelaySettings, UnknownRelayError } from '../../relays/relay.js';

/** Names of the relay's selves in a run; a slowed one has its place among the slowdowns behind it. */
export const BASE = 'base';
export const SAME = 'same';
export const slowedName = (index: number): string => `slowed-${index + 1}`;

/** The same relay under another name, each of its queries burning `spinUs` more than its settings say. */
export function selfOf(relay: Relay, name: string, spinUs = 0): Relay {
  return {
    ...relay,
    name,
    start: (options) => relay.start({ ...options, settings: spinning(options.settings, spinUs) }),
  };
}

function spinning(settings: RelaySettings, spinUs: number): RelaySettings {
  const { source } = settings;
  return { ...settings, source: { ...source, spinUs: source.spinUs + spinUs } };
}

/** @throws {UnknownRelayError} for a relay that can't be slowed: one that isn't of reqbench's own substrate */
export function requireSlowable(relay: Relay): void {
  if (isOwn(relay) && !relay.floor) return;
  throw new UnknownRelayError(
    `${relay.name} can't be slowed by a set amount, so it can't be calibrated with; take streaming, batched or ./module.js with a strategy`,
  );
}
