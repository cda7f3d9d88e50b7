/**
 * The streaming strategy, after Khatru (docs/strategies.md): messages are worked on at once, the filters of a REQ run
 * at once, each event goes out as its source hands it over, and AUTH is asked for when something is refused.
 */
import { type RelayHooks, relayHooks } from '../hooks/hooks.js';
import { throughAll } from '../hooks/maybe-promise.js';
import { firstRefusal } from '../hooks/refusal.js';
import type { Strategy } from '../strategy.js';
import { StreamingConversation } from './conversation.js';
import { Publication } from './publication.js';

export interface StreamingOptions {
  /** As results and the NIP-11 document name it; `streaming` unless given. */
  readonly name?: string;
  /** docs/hooks.md */
  readonly hooks?: Partial<RelayHooks>;
  /**
   * False: events are kept and found by hooks alone. True, the default: the relay keeps events itself, and storage hooks and
   * query functions come in addition.
   */
  readonly ownStore?: boolean;
}

/** A relay of the streaming strategy with hooks; `startReferenceRelay` serves it. */
export function createStreaming(options: StreamingOptions = {}): Strategy {
  const hooks = relayHooks(options.hooks ?? {});
  const hasOwnStore = options.ownStore ?? true;
  const relay = { hooks, hasOwnStore, publication: new Publication(hooks, hasOwnStore) };
  return {
    name: options.name ?? 'streaming',
    refusalToConnect: (request) => firstRefusal(hooks.rejectConnection, (reject) => reject(request)),
    information: (document, request) =>
      throughAll(
        hooks.overwriteInformation.map((overwrite) => (given) => overwrite(given, request)),
        document,
      ),
    converse: (connection, substrate) => new StreamingConversation(connection, substrate, relay),
  };
}

export const streaming: Strategy = createStreaming();

export default streaming;
