/** A slab holds about a hundred usual events: what is left of one when most of its events are gone doesn't weigh much. */
const SLAB_BYTES = 64 * 1024;

/** Larger ones have memory of their own. */
const MOST_IN_A_SLAB = SLAB_BYTES / 8;

/**
 * Keeps the bytes of stored events apart from everything else. Node cuts small buffers out of shared ones of 8 kB, those of
 * messages and frames too: an event kept where it was read would keep what else was cut from there, on a busy relay all of it.
 */
export class EventBytes {
  #slab = Buffer.alloc(0);
  #used = 0;

  /** A copy of `json` that shares memory with other events alone. */
  keep(json: Uint8Array): Uint8Array {
    if (json.length > MOST_IN_A_SLAB) return alone(json);
    if (this.#used + json.length > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += json.length;
    this.#slab.set(json, start);
    return this.#slab.subarray(start, this.#used);
  }
}

function alone(json: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(json.length);
  bytes.set(json);
  return bytes;
}
