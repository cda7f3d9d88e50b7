import type { Refusal } from './hooks.js';
import { andThen, firstAnswer, type MaybePromise, rescued } from './maybe-promise.js';

const PREFIXED = /^[a-z-]+: /;

/** The first refusal, with a prefix; a hook that throws refuses too, by `error: `. */
export function firstRefusal<Hook>(
  hooks: readonly Hook[],
  ask: (hook: Hook) => MaybePromise<Refusal>,
): MaybePromise<Refusal> {
  return rescued(() => andThen(firstAnswer(hooks, ask), prefixed), failure);
}

/** A fault of a hook's own, as the client is told. */
export function failure(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return PREFIXED.test(reason) ? reason : `error: ${reason}`;
}

function prefixed(refusal: Refusal): Refusal {
  return refusal === undefined || PREFIXED.test(refusal) ? refusal : `blocked: ${refusal}`;
}
