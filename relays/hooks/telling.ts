import { firstAnswer, isPending, type MaybePromise, rescued } from './maybe-promise.js';

/** Calls hooks that are only told something, in turn; one that throws is the operator's matter. */
export function tellAll<Hook>(
  hooks: readonly Hook[],
  tell: (hook: Hook) => unknown,
  warn: (message: string) => void,
): MaybePromise<undefined> {
  const failed = (error: unknown): undefined => {
    warn(`a hook failed: ${error instanceof Error ? error.stack : error}`);
  };
  return firstAnswer<Hook, never>(hooks, (hook) =>
    rescued<undefined>(() => {
      const told = tell(hook);
      return isPending(told) ? told.then(() => undefined) : undefined;
    }, failed),
  );
}
