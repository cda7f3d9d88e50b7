import type { HookClient, RelayHooks } from '../hooks/hooks.js';
import type { NostrEvent, RelayEvent } from '../protocol/event.js';

/** What one client is sent of an event, after the hooks that change or withhold it. */
export class Responses {
  readonly #hooks: RelayHooks;
  readonly #client: HookClient;
  readonly #warn: (message: string) => void;

  constructor(hooks: RelayHooks, client: HookClient, warn: (message: string) => void) {
    this.#hooks = hooks;
    this.#client = client;
    this.#warn = warn;
  }

  /** The JSON of a stored event; undefined: it is withheld, because a hook failed. */
  stored(event: RelayEvent): Uint8Array | undefined {
    return this.#hooks.overwriteResponseEvent.length === 0
      ? event.json
      : this.#unlessItThrows(() => this.#overwritten(event));
  }

  /** The same for a live event, which a hook may also keep from this client. */
  live(event: RelayEvent): Uint8Array | undefined {
    if (this.#hooks.preventBroadcast.length === 0) return this.stored(event);
    return this.#unlessItThrows(() => {
      const wire = wireEvent(event);
      const isPrevented = this.#hooks.preventBroadcast.some((prevent) => prevent(wire, this.#client));
      return isPrevented ? undefined : this.stored(event);
    });
  }

  #overwritten(event: RelayEvent): Uint8Array {
    const given = wireEvent(event);
    const changed = this.#hooks.overwriteResponseEvent.reduce(
      (wire, overwrite) => overwrite(wire, this.#client),
      given,
    );
    return changed === given ? event.json : Buffer.from(JSON.stringify(changed));
  }

  /** One client's hook must not end the delivery to the others. */
  #unlessItThrows(json: () => Uint8Array | undefined): Uint8Array | undefined {
    try {
      return json();
    } catch (error) {
      this.#warn(`a hook failed and an event was withheld: ${error instanceof Error ? error.stack : error}`);
      return undefined;
    }
  }
}

/** The event as hooks get it; one of its own for each call, because a hook may change what it gets. */
function wireEvent(event: RelayEvent): NostrEvent {
  return JSON.parse(Buffer.from(event.json).toString('utf8'));
}
