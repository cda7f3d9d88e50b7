import { type Admission, type AdmissionRules, keep, refusalToAdmit } from '../access/admission.js';
import type { HookClient, RelayHooks } from '../hooks/hooks.js';
import { keepByHooks, keepsByHooks } from '../hooks/keeping.js';
import { andThen, type MaybePromise, rescued } from '../hooks/maybe-promise.js';
import { failure, firstRefusal } from '../hooks/refusal.js';
import { tellAll } from '../hooks/telling.js';
import { type NostrEvent, relayEvent, replacementAddress } from '../protocol/event.js';
import { expirationOf, isExpired } from '../protocol/expiration.js';
import { DELETION_KIND, kindClass } from '../protocol/kinds.js';

export interface PublicationRules extends AdmissionRules {
  /** For the operator. */
  warn(message: string): void;
}

/** EVENT up to the broadcast, with the hooks of one relay. */
export class Publication {
  readonly #hooks: RelayHooks;
  readonly #hasOwnStore: boolean;
  /** By replacement address, else id: the last that was handed to the storage hooks. Versions are kept in turn. */
  readonly #lines = new Map<string, Promise<unknown>>();
  readonly #beingSaved = new Set<string>();

  constructor(hooks: RelayHooks, hasOwnStore: boolean) {
    this.#hooks = hooks;
    this.#hasOwnStore = hasOwnStore;
  }

  /** Ids of events that were handed to the storage hooks and aren't broadcast yet. */
  get beingSaved(): ReadonlySet<string> {
    return this.#beingSaved;
  }

  /** Takes an event through all checks and hooks; `accepted` broadcasts it. */
  admit(
    event: NostrEvent,
    json: Uint8Array,
    client: HookClient,
    rules: PublicationRules,
  ): MaybePromise<Admission> {
    const refusal = andThen(
      refusalToAdmit(event, client, rules),
      (reason) => reason ?? firstRefusal(this.#hooks.rejectEvent, (reject) => reject(event, client)),
    );
    return andThen(refusal, (reason) =>
      reason === undefined ? this.#take(event, json, client, rules) : { status: 'refused', reason },
    );
  }

  /** The event is broadcast, or isn't going to be. */
  settled(event: NostrEvent): void {
    this.#beingSaved.delete(event.id);
  }

  #take(
    event: NostrEvent,
    json: Uint8Array,
    client: HookClient,
    rules: PublicationRules,
  ): MaybePromise<Admission> {
    const isEphemeral = kindClass(event.kind) === 'ephemeral';
    const told = isEphemeral ? this.#hooks.onEphemeralEvent : this.#hooks.onEventSaved;
    const taken = rescued<Admission>(
      () => (isEphemeral ? keep(event, json, rules) : this.#save(event, json, client, rules)),
      (error) => ({ status: 'refused', reason: failure(error) }),
    );
    return andThen(taken, (admission) =>
      admission.status === 'new'
        ? andThen(
            tellAll(told, (tell) => tell(event, client), rules.warn),
            () => admission,
          )
        : admission,
    );
  }

  #save(
    event: NostrEvent,
    json: Uint8Array,
    client: HookClient,
    rules: PublicationRules,
  ): MaybePromise<Admission> {
    const keepOwn = (): MaybePromise<Admission> =>
      this.#hasOwnStore ? keep(event, json, rules) : passedOn(event, json);
    if (!keepsByHooks(this.#hooks)) return keepOwn();
    if (isExpired({ expiresAt: expirationOf(event) }, rules.nowS)) {
      return { status: 'refused', reason: 'invalid: this event has expired' };
    }
    this.#beingSaved.add(event.id);
    return this.#inLine(replacementAddress(event) ?? event.id, async () => {
      const isNew = await keepByHooks(event, client, this.#hooks);
      // A deletion request has to reach the own store too, whoever knows it already.
      const isForBoth = this.#hasOwnStore && event.kind === DELETION_KIND;
      return isNew || isForBoth
        ? keepOwn()
        : { status: 'known', reason: 'duplicate: this event is here already' };
    });
  }

  async #inLine<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#lines.get(key) ?? Promise.resolve();
    const running = before.then(work);
    const over = running.catch(() => undefined);
    this.#lines.set(key, over);
    try {
      return await running;
    } finally {
      if (this.#lines.get(key) === over) this.#lines.delete(key);
    }
  }
}

function passedOn(event: NostrEvent, json: Uint8Array): Admission {
  return { status: 'new', event: relayEvent(event, json), sequence: undefined };
}
