import type { HookClient, RelayHooks } from '../hooks/hooks.js';
import type { NostrEvent, RelayEvent } from '../protocol/event.js';
import { isExpired } from '../protocol/expiration.js';
import type { Substrate } from '../strategy.js';

/** What one client is sent of an event: after the access mode, expiration, and the hooks that change or withhold it. */
export class Responses {
  readonly #hooks: RelayHooks;
  readonly #client: HookClient;
  readonly #substrate: Pick<Substrate, 'access' | 'clock' | 'warn'>;

  constructor(
    hooks: RelayHooks,
    client: HookClient,
    substrate: Pick<Substrate, 'access' | 'clock' | 'warn'>,
  ) {
    this.#hooks = hooks;
    this.#client = client;
    this.#substrate = substrate;
  }

  /** Whether the event is there for this client, as of now: a later AUTH can change that. */
  maySee(event: RelayEvent): boolean {
    const { access, clock } = this.#substrate;
    if (event.expiresAt !== undefined && isExpired(event, clock.unixS())) return false;
    return access.maySee(event, this.#client);
  }

  /** The JSON of a stored event; undefined: it is withheld, because it isn't for this client, or a hook failed. */
  stored(event: RelayEvent): Uint8Array | undefined {
    return this.maySee(event) ? this.#written(event) : undefined;
  }

  /** The same for a live event, which a hook may also keep from this client. */
  live(event: RelayEvent): Uint8Array | undefined {
    if (!this.maySee(event)) return undefined;
    if (this.#hooks.preventBroadcast.length === 0) return this.#written(event);
    return this.#unlessItThrows(() => {
      const wire = wireEvent(event);
      const isPrevented = this.#hooks.preventBroadcast.some((prevent) => prevent(wire, this.#client));
      return isPrevented ? undefined : this.#written(event);
    });
  }

  #written(event: RelayEvent): Uint8Array | undefined {
    return this.#hooks.overwriteResponseEvent.length === 0
      ? event.json
      : this.#unlessItThrows(() => this.#overwritten(event));
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
      this.#substrate.warn(
        `a hook failed and an event was withheld: ${error instanceof Error ? error.stack : error}`,
      );
      return undefined;
    }
  }
}

/** The event as hooks get it; one of its own for each call, because a hook may change what it gets. */
function wireEvent(event: RelayEvent): NostrEvent {
  return JSON.parse(Buffer.from(event.json).toString('utf8'));
}
