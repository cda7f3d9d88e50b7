import type { AccessPolicy, Reader } from '../access/policy.js';
import type { RelayEvent } from '../protocol/event.js';
import type { Filter } from '../protocol/filter.js';
import type { Substrate } from '../strategy.js';

/**
 * What one REQ may see. The public keys are those of the moment at which it came: a later AUTH doesn't widen it
 * (strategies.md D14).
 */
export class View {
  readonly #reader: Reader;
  readonly #access: AccessPolicy;
  readonly #checksKinds: boolean;
  readonly #checksPrivateTagLive: boolean;

  constructor({ pubkeys }: Reader, { access, settings }: Pick<Substrate, 'access' | 'settings'>) {
    this.#reader = { pubkeys: new Set(pubkeys) };
    this.#access = access;
    this.#checksKinds = pubkeys.size > 0 || !settings.deviations.includes('D9');
    this.#checksPrivateTagLive = !settings.deviations.includes('D10');
  }

  /** Why the REQ is refused, with its prefix: the level first, then what each filter asks for. */
  refusal(filters: readonly Filter[]): string | undefined {
    const level = this.#access.refusalToRead(this.#reader);
    if (level !== undefined || !this.#checksKinds) return level;
    for (const filter of filters) {
      const refusal = this.#access.refusalToRead(this.#reader, filter);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  showsStored(event: RelayEvent): boolean {
    return this.#showsKind(event) && this.#access.maySeePrivate(event, this.#reader);
  }

  showsLive(event: RelayEvent): boolean {
    return (
      this.#showsKind(event) &&
      (!this.#checksPrivateTagLive || this.#access.maySeePrivate(event, this.#reader))
    );
  }

  #showsKind(event: RelayEvent): boolean {
    return !this.#checksKinds || this.#access.maySeeKind(event, this.#reader);
  }
}
