interface Weighed<Value> {
  readonly value: Value;
  readonly weight: number;
}

/**
 * A bounded memory of what was used last, in two generations: what is asked for moves to the young one, and when that holds
 * half the bound, the old one goes as a whole. A hit thus costs one look-up, and nothing is sorted.
 */
export class RecentlyUsed<Key, Value> {
  readonly #most: number;
  #young = new Map<Key, Weighed<Value>>();
  #old = new Map<Key, Weighed<Value>>();
  #youngWeight = 0;
  #oldWeight = 0;

  /** @param most the bound, in whatever unit the weights of {@link put} have. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The weight of all that is held; never above the bound by more than what was put last. */
  get weight(): number {
    return this.#youngWeight + this.#oldWeight;
  }

  get(key: Key): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young.value;
    const old = this.#old.get(key);
    if (old === undefined) return undefined;
    this.#old.delete(key);
    this.#oldWeight -= old.weight;
    this.#remember(key, old);
    return old.value;
  }

  /** Keeps `value` in the place of what was there. */
  put(key: Key, value: Value, weight: number): void {
    this.delete(key);
    this.#remember(key, { value, weight });
  }

  delete(key: Key): void {
    this.#youngWeight -= taken(this.#young, key);
    this.#oldWeight -= taken(this.#old, key);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#youngWeight = 0;
    this.#oldWeight = 0;
  }

  #remember(key: Key, entry: Weighed<Value>): void {
    this.#young.set(key, entry);
    this.#youngWeight += entry.weight;
    if (this.#youngWeight < this.#most / 2) return;
    this.#old = this.#young;
    this.#oldWeight = this.#youngWeight;
    this.#young = new Map();
    this.#youngWeight = 0;
  }
}

/** Deletes an entry. @returns what it weighed. */
function taken<Key>(entries: Map<Key, { readonly weight: number }>, key: Key): number {
  const entry = entries.get(key);
  if (entry === undefined) return 0;
  entries.delete(key);
  return entry.weight;
}
