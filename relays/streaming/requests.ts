import type { StreamingRequest } from './request.js';

/** The REQs of one connection that are open, or still speak after a CLOSE. More than one for an id with D1 only. */
export class Requests {
  /** Made with the first. */
  #byId: Map<string, readonly StreamingRequest[]> | undefined;

  /** REQs that listen. */
  get open(): number {
    let open = 0;
    for (const request of this.#all()) open += request.isListening ? 1 : 0;
    return open;
  }

  /** At least {@link open}, and known without counting. */
  get ids(): number {
    return this.#byId?.size ?? 0;
  }

  /** Ids of REQs that listen. */
  get openIds(): readonly string[] {
    const isOpen = (requests: readonly StreamingRequest[]): boolean =>
      requests.some(({ isListening }) => isListening);
    return [...(this.#byId ?? [])].flatMap(([id, requests]) => (isOpen(requests) ? [id] : []));
  }

  add(id: string, request: StreamingRequest): void {
    this.#byId ??= new Map();
    this.#byId.set(id, [...this.#of(id), request]);
  }

  remove(id: string, request: StreamingRequest): void {
    const others = this.#of(id).filter((other) => other !== request);
    if (others.length === 0) this.#byId?.delete(id);
    else this.#byId?.set(id, others);
  }

  /** The client's CLOSE. */
  close(id: string): void {
    for (const request of this.#of(id)) request.close();
  }

  /** A REQ with this id ends the earlier one, whether it is kept or refused. */
  silence(id: string): void {
    for (const request of this.#of(id)) request.silence();
    this.#byId?.delete(id);
  }

  /** The connection has ended. */
  end(): void {
    for (const request of this.#all()) request.silence();
    this.#byId?.clear();
  }

  #of(id: string): readonly StreamingRequest[] {
    return this.#byId?.get(id) ?? [];
  }

  *#all(): Generator<StreamingRequest> {
    for (const requests of this.#byId?.values() ?? []) yield* requests;
  }
}
